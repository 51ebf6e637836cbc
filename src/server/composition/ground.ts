import { endsFile } from '../../adapters/disk/ends-file.ts';
import { openJournalFiles } from '../../adapters/disk/journal-files.ts';
import { openStateDir, type StateDir } from '../../adapters/disk/state-dir.ts';
import { lookupBy } from '../../adapters/dns/lookup.ts';
import { type SystemLookups, systemLookups } from '../../adapters/dns/system-lookups.ts';
import type { LogOptions } from '../../adapters/log.ts';
import { createPeerHttp } from '../../adapters/peer/peer-http.ts';
import { shortSha256 } from '../../adapters/sha256.ts';
import type { LoadedConfig } from '../../config/loading/load.ts';
import type { Config, PeerConfig } from '../../config/model/config.ts';
import { fillName } from '../../config/model/fill-name.ts';
import { RunningConfig } from '../../config/running/running-config.ts';
import { KeptEnds } from '../../events/ends/kept-ends.ts';
import { ReportedEnds } from '../../events/ends/reported-ends.ts';
import { Journal } from '../../events/journal/journal.ts';
import type { PeerHttp } from '../../group/peer-http.ts';
import type { Clock } from '../../units/clock.ts';
import type { Incarnation } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import type { Scope } from '../../units/scope.ts';
import type { MediaPool } from '../media/captures.ts';
import { openPool } from '../media/open-pool.ts';
import { Refusals } from '../peers/refusals.ts';
import { type QuietWarning, quietWarning } from './quiet-warning.ts';

export interface ServerOptions {
  readonly config: Config;
  readonly diagnostics: LoadedConfig['diagnostics'];
  readonly self: PeerConfig;
  /** Reads the file again, for a reload. */
  readonly load: () => Promise<LoadedConfig>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly workerLog: Pick<LogOptions, 'level' | 'readable'>;
  /** The start goes on with this, in words for an operator: what it waits for should it hang. */
  readonly begins: (step: string) => void;
  /** The process can't go on; it should log and exit. */
  readonly onFatal: (error: unknown) => void;
}

/** What the parts of a server stand on: opened before they are put together, closed after them. */
export interface Ground {
  readonly options: ServerOptions;
  readonly scope: Scope;
  /** The one in force; `options.config` is the one it was started with. */
  readonly config: RunningConfig;
  readonly state: StateDir;
  readonly incarnation: Incarnation;
  readonly journal: Journal;
  /** Where the timelines ended, for the next life: this server's own to the second, the others' by the minute. */
  readonly keptEnds: { readonly own: KeptEnds; readonly others: KeptEnds };
  /** What peers told of theirs, for when they are dead. */
  readonly reportedEnds: ReportedEnds;
  readonly refusals: Refusals;
  readonly lookups: SystemLookups;
  readonly http: PeerHttp;
  readonly pool: MediaPool;
  readonly warnQuietly: QuietWarning;
}

/** Takes the folder, reads the journal and starts the workers; the scope closes them again. Rejects with an `AppError`. */
export async function openGround(
  options: ServerOptions,
  scope: Scope,
  onFact: Parameters<typeof openPool>[0]['onFact'],
): Promise<Ground> {
  const { clock, log, self, workerLog, begins } = options;
  const { config, diagnostics } = options;
  const running = new RunningConfig({ self, config, diagnostics, loadedAt: clock.wall(), hash: shortSha256 });
  begins('its state_dir');
  const state = await openStateDir(fillName(config.stateDir, self.name), { clock, log });
  scope.defer(() => state.release());
  begins('the journal of events in its state_dir');
  const files = await openJournalFiles(`${state.path}/events`);
  const onDiskError = (error: unknown): void => log.error('the journal of events fails', { error: String(error) });
  const journal = await Journal.open(files, clock.wall(), onDiskError);
  scope.defer(() => journal.flushed());
  const onEndsError = (error: unknown): void =>
    log.error('what was kept of where timelines ended is lost', { error: String(error) });
  begins('what is kept in its state_dir of where timelines ended');
  const keptEnds = {
    own: await KeptEnds.open(endsFile(`${state.path}/ends.json`), onEndsError),
    others: await KeptEnds.open(endsFile(`${state.path}/others-ends.json`), onEndsError),
  };
  const lookups = systemLookups(clock);
  const http = createPeerHttp(
    clock,
    lookupBy((name) => lookups.peers.find(name)),
  );
  scope.defer(() => http.close());
  begins('its media workers, and their folder in its state_dir');
  const pool = await openPool({
    folder: state.path,
    clock,
    log,
    workerLog,
    find: (name) => lookups.sources.find(name),
    onFact,
  });
  scope.defer(() => pool.close());
  begins('the count of its lives in its state_dir');
  const incarnation = await state.nextIncarnation(clock.wall() / 1000);
  const warnQuietly = quietWarning(log, clock);
  const reportedEnds = new ReportedEnds({
    isServer: (name) => running.server(name) !== undefined,
    isStream: (name) => running.stream(name) !== undefined,
  });
  const refusals = new Refusals(clock);
  return {
    options,
    scope,
    config: running,
    state,
    incarnation,
    journal,
    keptEnds,
    reportedEnds,
    refusals,
    lookups,
    http,
    pool,
    warnQuietly,
  };
}
