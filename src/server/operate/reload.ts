import type { ReloadResult } from '../../api/ports.ts';
import { noteOf, phraseOf } from '../../config/change/change-note.ts';
import { type Change, diff, lostPlace, restartReasons } from '../../config/change/diff.ts';
import type { LoadedConfig } from '../../config/loading/load.ts';
import type { Diagnostic } from '../../config/model/config.ts';
import { followable } from '../../config/running/followable.ts';
import type { RunningConfig } from '../../config/running/running-config.ts';
import type { Told } from '../../events/telling/describe.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import type { UnixMicros } from '../../units/time.ts';

/** The file of what is wrong only against the configuration in force. */
const noPlace = 'configuration';

export interface ReloadOptions {
  readonly config: RunningConfig;
  readonly load: () => Promise<LoadedConfig>;
  readonly utc: () => UnixMicros;
  readonly apply: ApplyChanges;
  readonly write: (told: Told) => void;
  readonly log: Log;
}

/** What must follow a changed configuration, in this order. */
interface ApplyChanges {
  /** The group learns it: key, peers, and what the core decides by. */
  group(): void;
  /** The input of this stream has another time-out, by which it was opened. */
  restartInput(stream: StreamName): void;
  /** The stream has other sources. */
  useSources(stream: StreamName): void;
  /** These are recorded elsewhere, or not any more, or for another time. */
  archive(streams: readonly StreamName[]): void;
  /** Streams that every server captures for itself. */
  local(): void;
  /** These came or went. */
  ownersChanged(streams: readonly StreamName[]): void;
}

/** Reads the file again, one time after the other. A bad file leaves the running configuration in force. */
export class Reload {
  readonly #options: ReloadOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadOptions) {
    this.#options = options;
  }

  run(): Promise<ReloadResult> {
    const result = this.#last.then(() => this.#once());
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #once(): Promise<ReloadResult> {
    const { config, load, log } = this.#options;
    const loaded = await load();
    config.diagnostics = loaded.diagnostics;
    for (const { severity, file, line, column, message } of loaded.diagnostics)
      log[severity === 'error' ? 'error' : 'warn']('configuration', { file, line, column, message });
    if (loaded.config === undefined) return this.#rejected(loaded);
    const lost = lostPlace(config.config, loaded.config, config.self);
    if (lost !== undefined) return this.#refused([...loaded.diagnostics, placeless(lost)]);
    const { started, config: inForce } = config;
    const next = loaded.config;
    const changes = diff(inForce, followable(inForce, next));
    const digest = config.cluster.digest;
    const reasons = restartReasons({ started, inForce, next }, config.self);
    for (const reason of reasons) log.warn('a change takes effect when this server is started again', { reason });
    config.replace(next, this.#options.utc());
    this.#apply(changes, config.cluster.digest !== digest);
    return this.#result({ applied: true, changes: changes.map(noteOf), needsRestart: reasons });
  }

  #rejected(loaded: LoadedConfig): ReloadResult {
    const { config, write } = this.#options;
    const first = loaded.diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const cause = first === undefined ? 'the file has errors' : placed(first);
    write({
      kind: 'config-rejected',
      from: config.self,
      cause,
      message: `${config.self} keeps its configuration: ${cause}`,
    });
    return this.#result({ applied: false, changes: [], needsRestart: [] });
  }

  #result(of: Pick<ReloadResult, 'applied' | 'changes' | 'needsRestart'>): ReloadResult {
    const { config } = this.#options;
    const { cluster, diagnostics } = config;
    return { ...of, digest: cluster.digest, streams: config.config.streams.length, diagnostics };
  }

  #refused(diagnostics: readonly Diagnostic[]): ReloadResult {
    this.#options.config.diagnostics = diagnostics;
    for (const { severity, message, hint } of diagnostics) {
      if (severity === 'error') this.#options.log.error('configuration', { message, hint });
    }
    return this.#rejected({ config: undefined, diagnostics });
  }

  /** A file may differ in what takes a restart alone: the peers compare what was read. */
  #apply(changes: readonly Change[], isOtherFile: boolean): void {
    const { apply, write, config } = this.#options;
    if (changes.length > 0 || isOtherFile) apply.group();
    if (changes.length === 0) return;
    for (const change of changes) {
      if (change.type !== 'stream-changed') continue;
      // The rest is the core's and delivery's.
      if (change.fields.includes('sourceTimeout')) apply.restartInput(change.stream.name);
      else if (change.fields.includes('sources')) apply.useSources(change.stream.name);
    }
    apply.archive(changes.flatMap((change) => recordedOtherwise(change) ?? []));
    apply.local();
    apply.ownersChanged(changes.flatMap((change) => streamOf(change) ?? []));
    write({
      kind: 'config-loaded',
      from: config.self,
      cause: 'reload',
      message: `${config.self} follows a new configuration: ${summary(changes)}`,
    });
  }
}

function placed({ file, line, column, message }: Diagnostic): string {
  return file === noPlace ? message : `${file}:${line}:${column}: ${message}`;
}

/** A file that is right, but not for this server. */
function placeless(message: string): Diagnostic {
  const hint = 'run `headwater drain` and stop this server; start it again if it is to serve by the new file';
  return { severity: 'error', file: noPlace, line: 1, column: 1, length: 1, message, hint };
}

/** Also of a stream that is new: its root may be. */
function recordedOtherwise(change: Change): StreamName | undefined {
  if (change.type === 'stream-added') return change.stream.dvr && change.stream.name;
  return change.type === 'stream-changed' && change.fields.includes('dvr') ? change.stream.name : undefined;
}

function streamOf(change: Change): StreamName | undefined {
  if (change.type === 'stream-removed') return change.name;
  return change.type === 'stream-added' || change.type === 'stream-changed' ? change.stream.name : undefined;
}

/** A night's events are read by eyes: more phrases than these are counted. */
const phrasesTold = 10;

/** `stream cam03 added; stream cam01 changed: url` */
function summary(changes: readonly Change[]): string {
  const phrases = changes.slice(0, phrasesTold).map((change) => phraseOf(noteOf(change)));
  const more = changes.length - phrases.length;
  return [...phrases, ...(more > 0 ? [`${more} more changes`] : [])].join('; ');
}
