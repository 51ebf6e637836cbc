import type { EndReason } from '../../archive/index/closing.ts';
import type { IndexedTrack } from '../../archive/index/header.ts';
import { isInLaterHour } from '../../archive/layout/hours.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import { Drops } from '../../archive/recording/drops.ts';
import { type FragmentFacts, type RunEnd, RunRecording } from '../../archive/recording/run-recording.ts';
import type { ArchiveFact, ArchivePlace } from '../../facts/archive-fact.ts';
import type { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import type { ArchiveContext } from './archive-context.ts';

/** An input that brings nothing for so long ends the run: `repair` takes one that nobody writes to for what a crash left. */
const longestSilence = millis(10_000);
/** A disk that refuses is asked again after so long, doubling up to the second: by the next keyframe. */
const firstPause = 1_000;
const longestPause = 30_000;
/** What is lost while a disk refuses is told so often. */
const tellEvery = millis(10_000);

export interface ArchiveWriterOptions {
  readonly context: ArchiveContext;
  readonly clock: Clock;
  readonly stream: StreamName;
  readonly tell: (fact: ArchiveFact) => void;
  readonly log: Log;
}

/** What a run begins with. */
export interface RunBeginning {
  /** UTC, 90 kHz. */
  readonly start: number;
  /** `ftyp` and `moov`. */
  readonly init: Uint8Array;
  readonly tracks: readonly IndexedTrack[];
}

/** The run in the making. */
interface OpenRun {
  readonly place: ArchivePlace;
  readonly name: RunName;
  readonly recording: RunRecording;
  readonly start: Ticks;
  end: Ticks;
  lastAppend: Instant;
  ended: boolean;
}

/**
 * Puts one capture's fragments into runs of the archive, as long as it has a place there. Nothing live waits for it: what the archive's disk does
 * not take is dropped, counted and told, and recording goes on at a keyframe when the disk takes something again.
 */
export class ArchiveWriter {
  readonly #options: ArchiveWriterOptions;
  #place: ArchivePlace | undefined;
  /** What is told belongs there, also when there is no place any more. */
  #root = '';
  #run: OpenRun | undefined;
  /** A keyframe begins a new run, and this is why. */
  #endAtKeyframe: EndReason | undefined;
  /** The disk's last word, while it refuses. */
  #refusal: string | undefined;
  #retryAt: Instant | undefined;
  #pause = firstPause;
  readonly #drops = new Drops();
  #hasDrops = false;
  #cancelTelling: (() => void) | undefined;
  #cancelSilence: (() => void) | undefined;
  /** Runs that nothing is appended to any more. */
  readonly #closing = new Set<RunRecording>();

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
  }

  /** Where to record from now on; absent: nowhere. Another root is begun with at the next keyframe, so that a move loses nothing. */
  use(place: ArchivePlace | undefined): void {
    if (place?.root !== this.#place?.root) {
      this.#pause = firstPause;
      this.#retryAt = undefined;
      this.#refusal = undefined;
    }
    this.#place = place;
    if (place === undefined) this.end('stopped');
    else this.#root = place.root;
  }

  /** A run is in the making: the decode times of what follows are counted from its beginning. */
  get isRecording(): boolean {
    return this.#run !== undefined;
  }

  /** Whether a fragment that starts there is to begin a run. */
  begins(start: number, keyframe: boolean): boolean {
    if (!keyframe || this.#place === undefined) return false;
    const run = this.#run;
    if (run !== undefined) return this.#reasonToEnd(run, start) !== undefined;
    return this.#retryAt === undefined || this.#options.clock.monotonic() >= this.#retryAt;
  }

  begin({ start, init, tracks }: RunBeginning): void {
    const place = this.#place;
    if (place === undefined) return;
    if (this.#run !== undefined) this.end(this.#reasonToEnd(this.#run, start) ?? 'other');
    const { context, clock, stream } = this.#options;
    const { server, incarnation, root } = place;
    const name = { startMs: Math.floor(start / 90), server, incarnation, ordinal: context.ordinal(stream) };
    const recording: RunRecording = new RunRecording({
      stream,
      run: name,
      init,
      tracks,
      disk: context.disk(root),
      checksums: context.checksums,
      clock,
      syncs: context.syncs,
      budget: context.budget,
      dropped: (drop) => {
        this.#drops.add(drop);
        this.#tellDropsSoon();
      },
      failed: (error) => this.#failed(run, error),
    });
    const run: OpenRun = {
      place,
      name,
      recording,
      start: ticks(start),
      end: ticks(start),
      lastAppend: clock.monotonic(),
      ended: false,
    };
    this.#run = run;
    this.#watchSilence(run);
  }

  /** The bytes must not change until `done` is called, which happens in any case. */
  append(facts: FragmentFacts, parts: readonly Uint8Array[], done: () => void): void {
    const run = this.#run;
    if (run === undefined) {
      this.#miss(facts, parts);
      done();
      return;
    }
    // Of a segment that is complete.
    if (facts.beginsSegment) this.#tellGrowth(run);
    run.lastAppend = this.#options.clock.monotonic();
    if (run.recording.append(facts, parts, done) === undefined) this.#refused(run, 'slow');
    else run.end = ticks(Math.max(run.end, facts.start + facts.duration));
  }

  /** What follows lies on another timeline: from the next keyframe on in another run. */
  endAtKeyframe(reason: EndReason): void {
    if (this.#run !== undefined) this.#endAtKeyframe = reason;
  }

  end(reason: EndReason): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.#endAtKeyframe = undefined;
    this.#cancelSilence?.();
    this.#closing.add(run.recording);
    void run.recording.close(reason).then((end) => {
      this.#closing.delete(run.recording);
      run.ended = true;
      this.#tellEnd(run, end);
    });
  }

  /** Nothing more comes. Resolves when the files have all that was recorded, or never will; that it is synced, and ended, is told later. */
  async close(): Promise<void> {
    this.end('stopped');
    this.#place = undefined;
    this.#cancelTelling?.();
    this.#tellDrops();
    await Promise.all([...this.#closing].map((recording) => recording.written(recording.length)));
  }

  #reasonToEnd(run: OpenRun, start: number): EndReason | undefined {
    if (run.place.root !== this.#place?.root) return 'other';
    return this.#endAtKeyframe ?? (isInLaterHour(run.start, start) ? 'hour' : undefined);
  }

  #failed(run: OpenRun, error: AppError): void {
    const { log, stream } = this.#options;
    if (run.ended) return;
    const code = typeof error.detail.code === 'string' ? error.detail.code : 'unknown';
    log.debug('a run of the archive failed', { stream, root: run.place.root, error: error.message });
    this.#refused(run, code);
  }

  #refused(run: OpenRun, why: string): void {
    if (this.#run !== run) return;
    const { clock } = this.#options;
    this.#refusal = why;
    this.#retryAt = after(clock.monotonic(), millis(this.#pause));
    this.#pause = Math.min(longestPause, this.#pause * 2);
    this.end('write-failed');
  }

  /** While a disk refuses, what it would have had is as lost as what it dropped. */
  #miss({ start, duration }: FragmentFacts, parts: readonly Uint8Array[]): void {
    if (this.#place === undefined || this.#refusal === undefined) return;
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    this.#drops.add({ start, end: ticks(start + duration), fragments: 1, bytes, why: this.#refusal });
    this.#tellDropsSoon();
  }

  #tellGrowth(run: OpenRun): void {
    const { recording, end } = run;
    const bytes = recording.length;
    void recording.written(bytes).then((written) => {
      if (!written || run.ended) return;
      if (this.#run === run && this.#refusal !== undefined) this.#worksAgain();
      this.#tellRun(run, { end, bytes, state: 'open' });
    });
  }

  #worksAgain(): void {
    this.#refusal = undefined;
    this.#retryAt = undefined;
    this.#pause = firstPause;
    this.#tellDrops();
  }

  #tellEnd(run: OpenRun, end: RunEnd): void {
    if (end.kind !== 'ended') this.#tellRun(run, { end: run.end, bytes: run.recording.length, state: end.kind });
    else {
      const { bytes, holes } = end.closing;
      this.#tellRun(run, { end: end.closing.end, bytes, state: holes ? 'holes' : 'ended' });
    }
  }

  #tellRun(
    { place, name, start }: OpenRun,
    of: Pick<Extract<ArchiveFact, { type: 'archive-run' }>, 'end' | 'bytes' | 'state'>,
  ): void {
    const { stream, tell } = this.#options;
    tell({ type: 'archive-run', stream, root: place.root, run: name, start, ...of });
  }

  /** The first at once. */
  #tellDropsSoon(): void {
    this.#hasDrops = true;
    if (this.#cancelTelling !== undefined) return;
    this.#tellDrops();
    const { clock } = this.#options;
    this.#cancelTelling = clock.setTimer(after(clock.monotonic(), tellEvery), () => {
      this.#cancelTelling = undefined;
      if (this.#hasDrops) this.#tellDropsSoon();
    });
  }

  #tellDrops(): void {
    this.#hasDrops = false;
    const drops = this.#drops.take();
    const { stream, tell } = this.#options;
    if (drops.length > 0) tell({ type: 'archive-dropped', stream, root: this.#root, drops });
  }

  #watchSilence(run: OpenRun): void {
    const { clock } = this.#options;
    this.#cancelSilence?.();
    this.#cancelSilence = clock.setTimer(after(run.lastAppend, longestSilence), () => {
      if (this.#run !== run) return;
      if (between(run.lastAppend, clock.monotonic()) >= longestSilence) this.end('hole');
      else this.#watchSilence(run);
    });
  }
}
