import type { ArchiveFigures } from '../../adapters/metrics/archive-metrics.ts';
import type { ArchiveInterval } from '../../api/ports.ts';
import { heldRuns } from '../../archive/catalogue/held-runs.ts';
import { intervals } from '../../archive/catalogue/intervals.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import { formatRunName } from '../../archive/layout/run-name.ts';
import type { KeptStream } from '../../archive/retention/candidates.ts';
import { Holds } from '../../archive/retention/holds.ts';
import type { StreamConfig } from '../../config/model/config.ts';
import { archiveAway, archiveBack, notRecorded, takenUnreplicated } from '../../events/telling/archive-tale.ts';
import type { Told } from '../../events/telling/describe.ts';
import type { ArchiveFact, ArchivePlace } from '../../facts/archive-fact.ts';
import type { Clock } from '../../units/clock.ts';
import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import { after, type Instant, millis, type UnixMicros, unixMicros } from '../../units/time.ts';
import type { ArchiveRoot } from './archive-root.ts';
import { Outages } from './outages.ts';

/** How soon a disk that went away, or came back, is noticed where nobody records. */
const checkEvery = millis(10_000);
/** In checks: retention decides once a minute. */
const checksToRetain = 6;
/** An open run grows with every segment. A worker that died tells nothing more of it. */
const lostAfter = millis(120_000);

export interface OwnArchiveOptions {
  readonly self: ServerName;
  readonly incarnation: Incarnation;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the configuration in force. */
  readonly streams: () => readonly StreamConfig[];
  /** The path of a root on this server's disk. */
  readonly pathOf: (root: string) => string;
  readonly openRoot: (path: string) => ArchiveRoot;
  /** Absent: every server has the stream for itself. */
  readonly home: (stream: StreamName) => ServerName | undefined;
  /** This server's clock and its peers' disagree. */
  readonly clockInDoubt: () => boolean;
  readonly write: (told: Told) => void;
  /** Where this stream is recorded may be another place now. */
  readonly moved: (stream: StreamName) => void;
}

/** One root, and what of it changes by the way. */
interface Kept {
  readonly root: ArchiveRoot;
  readonly outages: Outages;
  /** Open runs, and when they were heard of last. */
  readonly growing: Map<string, { readonly stream: StreamName; readonly run: RunName; readonly heard: Instant }>;
  isAway: boolean;
  droppedSeconds: number;
  freeBytes: number | undefined;
}

/** What this server records: its roots, their runs, and what becomes of them. */
export class OwnArchive {
  readonly holds = new Holds();
  readonly #options: OwnArchiveOptions;
  /** By path. */
  readonly #roots = new Map<string, Kept>();

  constructor(options: OwnArchiveOptions) {
    this.#options = options;
  }

  /** Where the stream is recorded now; absent: nowhere. */
  placeOf(stream: StreamName): ArchivePlace | undefined {
    const { self: server, incarnation } = this.#options;
    const path = this.#pathOf(stream);
    const state = path === undefined ? undefined : this.#roots.get(path)?.root.state.kind;
    // One that is away is tried by whoever records, who tells what is lost meanwhile.
    if (path === undefined || state === undefined || state === 'opening' || state === 'other') return undefined;
    return { root: path, server, incarnation };
  }

  /** Where the stream's recordings lie; absent when it is not recorded. */
  rootOf(stream: StreamName): ArchiveRoot | undefined {
    const path = this.#pathOf(stream);
    return path === undefined ? undefined : this.#roots.get(path)?.root;
  }

  get figures(): ArchiveFigures[] {
    return [...this.#roots].map(([root, kept]) => {
      const all = [...kept.root.catalogue.streams].map((stream) => kept.root.catalogue.of(stream));
      const oldest = Math.min(...all.map((runs) => runs.all[0]?.start ?? Number.POSITIVE_INFINITY));
      return {
        root,
        open: kept.root.state.kind === 'open' && !kept.isAway,
        runs: all.reduce((sum, runs) => sum + runs.all.length, 0),
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        oldestSeconds: Number.isFinite(oldest) ? oldest / timescale90k : undefined,
        droppedSeconds: kept.droppedSeconds,
        freeBytes: kept.freeBytes,
      };
    });
  }

  /** For the API. */
  intervals(stream: StreamName, from: UnixMicros, to: UnixMicros): ArchiveInterval[] {
    const within = { start: ticks((from * 9) / 100), end: ticks((to * 9) / 100) };
    const runs = this.rootOf(stream)?.catalogue.overlapping(stream, within) ?? [];
    const held = heldRuns([{ holder: this.#options.self, runs }]);
    return intervals(held, within).map(({ start, end, bytes, holders }) => {
      return { from: microsOf(start), to: microsOf(end), bytes, servers: holders };
    });
  }

  onFact(fact: ArchiveFact): void {
    const kept = this.#roots.get(fact.root);
    if (kept === undefined) return;
    if (fact.type === 'archive-dropped') this.#dropped(kept, fact);
    else this.#recorded(kept, fact);
  }

  /** Looks at the roots again and again; the first time at once. */
  async run(signal: AbortSignal): Promise<void> {
    for (let checks = 1; ; checks++) {
      await this.look(checks % checksToRetain === 0);
      await this.#options.clock.sleep(checkEvery, signal);
    }
  }

  /** Opens roots that the configuration names and that nobody has seen yet, sees whether the others are still there, and deletes what is due. */
  async look(retain: boolean): Promise<void> {
    for (const { dvr } of this.#options.streams()) {
      const path = dvr && this.#options.pathOf(dvr.root);
      if (path !== undefined && !this.#roots.has(path)) this.#roots.set(path, this.#keep(path));
    }
    await Promise.all([...this.#roots].map(([path, kept]) => this.#lookAt(path, kept, retain)));
  }

  #keep(path: string): Kept {
    return {
      root: this.#options.openRoot(path),
      outages: new Outages(),
      growing: new Map(),
      isAway: false,
      droppedSeconds: 0,
      freeBytes: undefined,
    };
  }

  async #lookAt(path: string, kept: Kept, retain: boolean): Promise<void> {
    const { log, clock } = this.#options;
    const before = kept.root.state.kind;
    const state = await kept.root.check();
    if (state.kind !== before) this.#tellMoved(path);
    // Lists for minutes where the disk is slow: nothing waits for it.
    void kept.root.load();
    for (const outage of kept.outages.takeOver(clock.monotonic())) this.#options.write(notRecorded(outage));
    if (state.kind === 'away' || state.kind === 'other') this.#away(path, kept, state.why);
    else this.#mayBeBack(path, kept);
    try {
      if (state.kind === 'open') kept.freeBytes = (await kept.root.disk.space()).freeBytes;
      await this.#recoverLost(kept);
      if (retain) await this.#retain(path, kept);
    } catch (error) {
      log.warn('an archive is not kept in order', { root: path, error: String(error) });
    }
  }

  async #recoverLost({ root, growing }: Kept): Promise<void> {
    const now = this.#options.clock.monotonic();
    const lost = [...growing].filter(([, { heard }]) => now >= after(heard, lostAfter));
    for (const [key] of lost) growing.delete(key);
    await root.recoverLost(lost.map(([, run]) => run));
  }

  async #retain(path: string, { root }: Kept): Promise<void> {
    const { clock, home, self, log, write, clockInDoubt } = this.#options;
    const now = clock.monotonic();
    this.holds.sweep(now);
    const own = this.#recordedIn(path);
    const kept = own.map(({ name, dvr }): KeptStream => {
      const isElsewhere = (home(name) ?? self) !== self;
      return {
        stream: name,
        runs: root.catalogue.of(name),
        mostAge: dvr?.mostAge === undefined ? undefined : (dvr.mostAge * timescale90k) / 1_000,
        mostBytes: dvr?.mostBytes,
        isHeld: (run) => this.holds.isHeld(name, run, now),
        isUnreplicated: () => isElsewhere,
      };
    });
    const freePercent = Math.max(0, ...own.map(({ dvr }) => dvr?.freePercent ?? 0));
    const done = await root.retain({ streams: kept, clockInDoubt: clockInDoubt() }, freePercent);
    if (done === undefined) return;
    const { retention, deleted } = done;
    for (const { stream, run, error } of deleted) {
      if (error !== undefined) log.error('a run can not be deleted', { root: path, stream, error: String(error) });
      else log.info('a run is deleted', { root: path, stream, run: formatRunName(run), bytes: run.bytes });
    }
    for (const { stream, bytes } of retention.excesses)
      log.debug('an archive is larger than it should be', { root: path, stream, bytes });
    const failed = new Set(deleted.filter(({ error }) => error !== undefined).map(({ run }) => run));
    const lost = retention.deletions.filter(({ unreplicated, run }) => unreplicated && !failed.has(run));
    if (lost.length > 0) write(takenUnreplicated(path, lost));
  }

  #recorded(kept: Kept, fact: Extract<ArchiveFact, { type: 'archive-run' }>): void {
    const { clock, log, write } = this.#options;
    const key = `${fact.stream} ${formatRunName(fact.run)}`;
    if (fact.state === 'open') kept.growing.set(key, { stream: fact.stream, run: fact.run, heard: clock.monotonic() });
    else kept.growing.delete(key);
    kept.root.onRun(fact).catch((error: unknown) => {
      log.error('a run is not listed', { root: fact.root, stream: fact.stream, error: String(error) });
    });
    const outage =
      fact.state === 'nothing' || fact.state === 'left' ? undefined : kept.outages.recorded(fact.stream, fact.end);
    if (outage === undefined) return;
    write(notRecorded(outage));
    this.#mayBeBack(fact.root, kept);
  }

  #dropped(kept: Kept, { stream, drops, root }: Extract<ArchiveFact, { type: 'archive-dropped' }>): void {
    kept.outages.add(stream, drops, this.#options.clock.monotonic());
    for (const { start, end } of drops) kept.droppedSeconds += (end - start) / timescale90k;
    this.#away(root, kept, drops[0]?.why ?? 'unknown');
  }

  #away(path: string, kept: Kept, why: string): void {
    if (kept.isAway) return;
    kept.isAway = true;
    this.#options.log.error('an archive takes nothing', { root: path, why });
    this.#options.write(archiveAway(path, why));
  }

  #mayBeBack(path: string, kept: Kept): void {
    if (!kept.isAway || kept.outages.any || kept.root.state.kind !== 'open') return;
    kept.isAway = false;
    this.#options.log.info('an archive takes recordings again', { root: path });
    this.#options.write(archiveBack(path));
  }

  #tellMoved(path: string): void {
    for (const { name } of this.#recordedIn(path)) this.#options.moved(name);
  }

  #recordedIn(path: string): StreamConfig[] {
    const { streams, pathOf } = this.#options;
    return streams().filter(({ dvr }) => dvr !== undefined && pathOf(dvr.root) === path);
  }

  #pathOf(stream: StreamName): string | undefined {
    const dvr = this.#options.streams().find(({ name }) => name === stream)?.dvr;
    return dvr === undefined ? undefined : this.#options.pathOf(dvr.root);
  }
}

function microsOf(time: Ticks): UnixMicros {
  return unixMicros(Math.round((time * 100) / 9));
}
