import type { StreamConfig } from '../config/model/config.ts';
import type { ArchiveFact, ArchivePlace } from '../facts/archive-fact.ts';
import type { CapturePulse, FirstPlace } from '../facts/protocol.ts';
import type { LiveSegment } from '../hls/live-window.ts';
import { SegmentGrid } from '../hls/segment-grid.ts';
import { keptFor } from '../hls/window.ts';
import type { UnsupportedTrack } from '../media/track.ts';
import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import type { Log } from '../units/log.ts';
import { Tally } from '../units/tally.ts';
import { timescale90k } from '../units/ticks.ts';
import { after, between, type Instant, millis } from '../units/time.ts';
import type { ArchiveContext } from './archive/archive-context.ts';
import { ArchiveWriter } from './archive/archive-writer.ts';
import type { SlabPool } from './frames/slab.ts';
import { trackFacts } from './frames/track-facts.ts';
import type { TrackSelection } from './frames/track-selection.ts';
import { MpegtsOutput } from './mpegts-output.ts';
import { Pipeline } from './pipeline.ts';
import { DiskWatch } from './publish/disk-watch.ts';
import { type CaptureFactBody, Publisher } from './publish/publisher.ts';
import { Recorder } from './publish/recorder.ts';
import type { Digest } from './run/digest.ts';
import type { RunStore } from './run/run-store.ts';
import { RunWriter } from './run/run-writer.ts';
import type { WriteBudget } from './run/write-budget.ts';
import type { Connection } from './source/connection.ts';
import type { RunInput } from './source/input.ts';
import { SourceLoop } from './source/source-loop.ts';
import { StallWatch } from './source/stall-watch.ts';

/** How long a disk may hold up the word that a camera's connection is free. */
export const longestSettling = millis(1_000);
/** The viewers of a predecessor come over when it has seen that it is none any more, which the next exchange tells it. */
const viewersComeWithin = millis(10_000);
/** What is still named by a playlist that was read at the last moment is there a little longer than the name. */
const keptLonger = 5_000;

/** What the captures of a worker share. */
export interface CaptureContext {
  readonly runInput: RunInput;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly store: RunStore;
  readonly budget: WriteBudget;
  readonly slabs: SlabPool;
  readonly digest: Digest;
  readonly archive: ArchiveContext;
  /** UTC of the group less the monotonic clock, microseconds. */
  readonly offset: () => number;
  readonly log: Log;
}

export interface CaptureOptions {
  readonly stream: StreamConfig;
  readonly attempt: number;
  readonly adopting: boolean;
  readonly place: FirstPlace;
  /** Which source to begin with; absent: the first. */
  readonly source?: number | undefined;
  /** A folder of its own for run files. */
  readonly folder: string;
  /** Absent: nothing is recorded. */
  readonly archive?: ArchivePlace | undefined;
  readonly tell: (fact: CaptureFactBody, transfer?: Uint8Array) => void;
  /** Of runs that are ended, also behind `stopped`. */
  readonly tellArchive: (fact: ArchiveFact) => void;
}

/** One stream inside a worker: reads its sources until stopped, records what comes, tells what is to be known. */
export class Capture {
  readonly #context: CaptureContext;
  readonly #options: CaptureOptions;
  readonly #abort = new AbortController();
  readonly #mpegts: MpegtsOutput;
  readonly #publisher: Publisher;
  readonly #recorder: Recorder;
  readonly #writer: RunWriter;
  readonly #archive: ArchiveWriter;
  readonly #loop: SourceLoop;
  readonly #stall: StallWatch;
  readonly #disk: DiskWatch;
  #lastLost: number | undefined;
  readonly #damage: Tally;
  readonly #diskFaults: Tally;
  /** A dead camera is tried again every few seconds, all night. */
  readonly #failures: Tally;
  #pipeline: Pipeline | undefined;
  #lastFrame: Instant | undefined;
  /** The present connection, once its source is told. */
  #used: Connection | undefined;
  #bytes = 0;
  #stopped = false;
  #publishRest = false;
  #cancelExpecting: () => void = () => undefined;
  #warnedOfLongGop = false;

  constructor(context: CaptureContext, options: CaptureOptions) {
    const { clock, log } = context;
    this.#context = context;
    this.#options = options;
    this.#damage = new Tally(clock, log, 'damaged media');
    this.#diskFaults = new Tally(clock, log, 'segments lost: the disk does not take them');
    this.#failures = new Tally(clock, log, 'a source failed');
    this.#mpegts = new MpegtsOutput((piece) => this.#tell({ type: 'mpegts', ...piece }, piece.data));
    this.#mpegts.expect(options.adopting);
    this.#stall = new StallWatch(clock, options.stream.sourceTimeout, (fact) => this.#tell(fact));
    this.#disk = this.#createDiskWatch();
    this.#publisher = this.#createPublisher();
    this.#archive = this.#createArchive();
    this.#writer = this.#createWriter();
    this.#recorder = this.#createRecorder();
    this.#loop = this.#createLoop();
  }

  /** Resolves when `stop` was called and the input is closed. */
  async run(): Promise<void> {
    this.#stall.start();
    await this.#loop.run(this.#abort.signal, this.#options.source);
    await this.#finish();
  }

  /** `publishRest`: the segment in the making, too. */
  stop(publishRest = false): void {
    this.#publishRest = publishRest;
    this.#abort.abort();
  }

  /** This program met a fault in this capture: its connection is opened anew. */
  fail(cause: unknown): void {
    this.#loop.interrupt(new AppError('internal', 'handling the media failed', { cause }));
  }

  adopt(segments: readonly LiveSegment[]): void {
    this.#recorder.adopt(segments);
  }

  ownTimeline(place: FirstPlace): void {
    this.#recorder.ownTimeline(place);
  }

  leapBehind(number: number): void {
    this.#recorder.leapBehind(number);
  }

  /** Goes on with these; the connection stays where its source is still among them. */
  useSources(sources: StreamConfig['sources']): void {
    this.#loop.use(sources);
    if (this.#used === undefined) return;
    // Its place among them may be another one.
    const source = this.#used.index;
    if (sources[source]?.url === this.#used.source.url) this.#publisher.tell({ type: 'source-used', source });
  }

  /** Records there from now on, or nowhere. */
  useArchive(place: ArchivePlace | undefined): void {
    this.#archive.use(place);
  }

  wantMpegts(wanted: boolean): void {
    this.#mpegts.want(wanted);
  }

  followClock(offset: number): void {
    this.#pipeline?.followClock(offset);
  }

  pulse(): CapturePulse {
    const now = this.#context.clock.monotonic();
    return {
      stream: this.#options.stream.name,
      attempt: this.#options.attempt,
      lastFrameAgeMs: this.#lastFrame === undefined ? undefined : millis(Math.max(0, between(this.#lastFrame, now))),
      bytesTotal: this.#bytes,
      damageTotal: this.#damage.total,
      lostSegmentsTotal: this.#disk.lostTotal,
    };
  }

  #open(connection: Connection): Pipeline {
    const { clock, offset, slabs } = this.#context;
    this.#pipeline = new Pipeline({
      clock,
      offset,
      recorder: this.#recorder,
      slabs,
      viewed: (frame, tracks) => {
        if (this.#recorder.publishes) this.#mpegts.push(frame, tracks, this.#recorder.shift);
        else this.#mpegts.wait(frame, tracks);
      },
      tracks: (selection, unsupported) => this.#tellTracks(connection, selection, unsupported),
      arrived: (bytes) => {
        this.#bytes += bytes;
      },
      alive: (now) => {
        connection.alive();
        this.#lastFrame = now;
        this.#stall.frame(now);
      },
      damage: ({ kind, detail }) => this.#damage.add({ kind, detail }),
      steppedOn: () => this.#publisher.tell({ type: 'stepped-on' }),
    });
    return this.#pipeline;
  }

  #ended(source: number, error: AppError | undefined, by: number | undefined): void {
    this.#closePipeline(error === undefined, by !== undefined);
    if (error === undefined) return;
    this.#publisher.tell({ type: 'source-failed', source, error: error.message });
    this.#used = undefined;
    if (by !== undefined) {
      this.#context.log.info('goes back to a preferred source', { source: by, from: source });
      return;
    }
    const { code, message, cause } = error;
    this.#stall.failed(message);
    if (code === 'internal') this.#context.log.error('a fault of this program', { source, error: message, cause });
    else this.#failures.add({ source, code, error: message });
  }

  /** What led to a fault may lead to it again when the rest is recorded; then the rest is lost. */
  #closePipeline(stopping: boolean, replaced: boolean): void {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    try {
      pipeline?.close();
      this.#mpegts.flush();
      if (replaced) this.#recorder.joins();
      if (!stopping) this.#recorder.hole();
    } catch (error) {
      this.#context.log.error('the end of a connection was not recorded', { error: String(error) });
    }
  }

  #tellTracks(connection: Connection, { tracks }: TrackSelection, unsupported: readonly UnsupportedTrack[]): void {
    const { index: source } = connection;
    this.#tell({ type: 'tracks', tracks: trackFacts(tracks, unsupported), source });
    if (this.#used !== connection) this.#publisher.tell({ type: 'source-used', source });
    this.#used = connection;
  }

  /** What was published stays readable for as long as a playlist may name it. */
  async #finish(): Promise<void> {
    const { clock } = this.#context;
    this.#stall.close();
    this.#disk.close();
    this.#cancelExpecting();
    this.#mpegts.expect(false);
    this.#damage.close();
    this.#failures.close();
    this.#diskFaults.close();
    this.#recorder.finish(this.#publishRest);
    this.#writer.startRun();
    const settled = Promise.all([this.#publisher.settled(), this.#archive.close()]);
    const cancel = new AbortController();
    await Promise.race([settled, clock.sleep(longestSettling, cancel.signal).catch(() => undefined)]);
    cancel.abort();
    this.#tell({ type: 'stopped' });
    this.#stopped = true;
    const kept = millis(keptFor(this.#options.stream.segmentDuration) + keptLonger);
    clock.setTimer(after(clock.monotonic(), kept), () => this.#publisher.removeAll());
  }

  #tellPublished(fact: CaptureFactBody): void {
    this.#tell(fact);
    const longest = (2 * this.#options.stream.segmentDuration * timescale90k) / 1_000;
    if (fact.type !== 'segment' || fact.segment.duration <= longest || this.#warnedOfLongGop) return;
    this.#warnedOfLongGop = true;
    this.#context.log.warn(
      'keyframes are farther apart than two segment durations; players get a longer target duration',
      {
        segmentMs: fact.segment.duration / 90,
      },
    );
  }

  #tell(fact: CaptureFactBody, transfer?: Uint8Array): void {
    if (!this.#stopped) this.#options.tell(fact, transfer);
  }

  #createLoop(): SourceLoop {
    const { runInput, clock, random } = this.#context;
    const { sources, sourceTimeout, clusterIngest } = this.#options.stream;
    return new SourceLoop({
      sources,
      sourceTimeout,
      oneConnection: clusterIngest?.handover === 'break',
      runInput,
      clock,
      random,
      open: (connection) => this.#open(connection),
      ended: (source, error, by) => this.#ended(source, error, by),
      mayChange: () => this.#recorder.publishes,
    });
  }

  /** Video that nobody can read is no capture: another server may have room. */
  #createDiskWatch(): DiskWatch {
    const { clock, log } = this.#context;
    return new DiskWatch({
      clock,
      limit: this.#options.stream.sourceTimeout,
      fails: (error) => {
        if (this.#abort.signal.aborted) return;
        log.error('nothing can be published', { error });
        this.#stall.block(error);
      },
      works: () => {
        log.info('the disk takes segments again', { lostSegments: this.#disk.lostTotal });
        this.#stall.unblock();
      },
    });
  }

  /** The segment of this number is not taken, in whole or in part. */
  #noteLost(segment: number): void {
    if (segment === this.#lastLost) return;
    this.#lastLost = segment;
    this.#tell({ type: 'source-failed', source: this.#used?.index ?? 0, error: 'the disk does not take what comes' });
    this.#diskFaults.add({ segment });
  }

  #createPublisher(): Publisher {
    const { store, log } = this.#context;
    return new Publisher({
      tell: (fact) => this.#tellPublished(fact),
      remove: (run) => {
        store.remove(run.path).catch((error: unknown) => log.warn('a run file stays behind', { error: String(error) }));
      },
      awaits: () => this.#disk.awaits(),
      settled: (number, published) => {
        if (!published) this.#noteLost(number);
        this.#disk.settled(number, published);
      },
    });
  }

  #createArchive(): ArchiveWriter {
    const { archive, clock, log } = this.#context;
    const { stream, tellArchive } = this.#options;
    const writer = new ArchiveWriter({ context: archive, clock, stream: stream.name, tell: tellArchive, log });
    writer.use(this.#options.archive);
    return writer;
  }

  #createWriter(): RunWriter {
    const { digest, store, budget, log } = this.#context;
    return new RunWriter({
      digest,
      store,
      budget,
      archive: this.#archive,
      pathOf: (run) => `${this.#options.folder}/${run}.mp4`,
      started: (run) => this.#publisher.started(run),
      failed: (run, error) => {
        log.debug('a run file failed', { path: run.path, error: String(error) });
        const text = error instanceof Error ? error.message : String(error);
        this.#diskFaults.add({ error: text });
        this.#disk.refused(text);
        this.#publisher.discard(run);
      },
    });
  }

  #createRecorder(): Recorder {
    const { stream, adopting, place } = this.#options;
    const { clock, offset } = this.#context;
    return new Recorder({
      grid: new SegmentGrid(stream.segmentDuration),
      writer: this.#writer,
      publisher: this.#publisher,
      adopting,
      place,
      lost: (number) => {
        this.#noteLost(number);
        this.#disk.lost(number);
      },
      now: () => ((clock.monotonic() * 1_000 + offset()) / 1e6) * timescale90k,
      continued: ({ adopted, shift }) => {
        this.#context.log.info('continues the timeline of the predecessor', { adopted, shiftMs: shift / 90 });
        this.#publisher.ready();
        this.#cancelExpecting = clock.setTimer(after(clock.monotonic(), viewersComeWithin), () =>
          this.#mpegts.expect(false),
        );
      },
    });
  }
}
