import type { CaptureFact } from '../../cluster/step/event.ts';
import type { RunningConfig } from '../../config/running/running-config.ts';
import type { MpegtsPort, SegmentPort, WindowPort } from '../../delivery/ports/ports.ts';
import type { ArchivePlace } from '../../facts/archive-fact.ts';
import type { PeerClient } from '../../group/peer-client.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { maskUrl } from '../../units/mask-url.ts';
import type { Ticks } from '../../units/ticks.ts';
import { after, between, type Millis, millis } from '../../units/time.ts';
import { Captures, type MediaPool, type Predecessor } from '../media/captures.ts';
import { ClockKeeper } from '../media/clock-keeper.ts';
import { flowing, LastFrames } from '../media/last-frames.ts';
import { type LastPublished, lastOf } from '../media/last-published.ts';
import { MediaBoard, type MediaReport, type StreamReport } from '../media/media-board.ts';
import { MpegtsHub } from '../media/mpegts-hub.ts';
import { OwnWindows } from '../media/own-windows.ts';
import { followPredecessor } from '../peers/follow-predecessor.ts';
import { lastWindow } from '../peers/last-window.ts';
import { RemoteWindows } from '../peers/remote-windows.ts';

export interface MediaSideOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly config: RunningConfig;
  readonly client: () => PeerClient;
  readonly pool: MediaPool;
  readonly archive: (stream: StreamName) => ArchivePlace | undefined;
  readonly openRemoteMpegts: MpegtsPort['openRemote'];
  readonly fact: (stream: StreamName, attempt: number, fact: CaptureFact) => void;
  readonly chronicle: CaptureChronicle;
  readonly onCaptureEnd: () => void;
  readonly onSkew: (peer: ServerName, skew: Millis) => void;
  readonly onGroupAhead: (ahead: Millis) => void;
  readonly isDown: (server: ServerName) => boolean;
  readonly onFollowError: (error: unknown) => void;
}

/** Who writes down what captures do: see `Chronicle`. */
interface CaptureChronicle {
  captureBegins(stream: StreamName, overlaps: boolean, cause: string | undefined): void;
  captureEnds(stream: StreamName): void;
  localFact(stream: StreamName, fact: CaptureFact, darkFor: Millis): void;
  segment(stream: StreamName, start: Ticks, end: Ticks): void;
  steppedOn(stream: StreamName): void;
  source(stream: StreamName, source: { readonly index: number; readonly of: number; readonly url: string }): void;
  sourceFailed(stream: StreamName, index: number, error: string): void;
}

/** All that has to do with media on the main thread: what the workers do, and what is known of it here and at the peers. */
export class MediaSide {
  readonly captures: Captures;
  readonly windows: OwnWindows;
  readonly remoteWindows: RemoteWindows;
  readonly board: MediaBoard;
  readonly lastFrames = new LastFrames();
  readonly mpegts: MpegtsHub;
  readonly clocks: ClockKeeper;
  readonly #options: MediaSideOptions;
  readonly #pool: MediaPool;
  readonly #errors = new Map<StreamName, string>();

  constructor(options: MediaSideOptions) {
    this.#options = options;
    const { clock, config } = options;
    this.followConfig();
    this.windows = new OwnWindows(config.self, clock);
    this.remoteWindows = new RemoteWindows(options.client);
    this.board = new MediaBoard(clock);
    this.#pool = options.pool;
    this.captures = this.#newCaptures();
    this.mpegts = new MpegtsHub(this.#pool, (stream) => this.captures.get(stream));
    this.clocks = new ClockKeeper({
      clock,
      version: options.version,
      captured: () => this.captures.captured,
      onSkew: options.onSkew,
      onGroupAhead: options.onGroupAhead,
      tellWorkers: (offset) => this.#pool.send({ type: 'clock', offset }),
    });
  }

  /** The newest segment of the stream that this server saw anywhere. */
  lastPublished(stream: StreamName): LastPublished {
    const own = lastOf(this.windows.get(stream));
    const remote = this.remoteWindows.last(stream);
    return (remote.number ?? -1) > (own.number ?? -1) ? remote : own;
  }

  get windowPort(): WindowPort {
    return {
      localWindow: (stream) => this.windows.get(stream),
      onLocalWindow: (stream, changed) => this.windows.onChange(stream, changed),
      remoteWindow: (request) => this.remoteWindows.get(request),
    };
  }

  get segmentPort(): SegmentPort {
    return { location: (stream, segment) => this.windows.location(stream, segment) };
  }

  get mpegtsPort(): MpegtsPort {
    return {
      subscribe: (stream, chunk) => this.mpegts.subscribe(stream, chunk),
      openRemote: this.#options.openRemoteMpegts,
    };
  }

  /** Why the last capture of the stream here failed; absent when it did not, or has frames again. */
  lastError(stream: StreamName): string | undefined {
    return this.#errors.get(stream);
  }

  /** What a peer is told of this server's captures. */
  report(): MediaReport {
    const report: Record<StreamName, StreamReport> = {};
    const now = this.#options.clock.monotonic();
    for (const [stream, error] of this.#errors) {
      const last = this.lastFrames.last(stream);
      report[stream] = { error, ...(last !== undefined && { lastFrameAge: between(last, now) }) };
    }
    for (const capture of this.captures.all()) {
      const { stream } = capture;
      report[stream] = { ...report[stream], media: this.board.status(capture) };
    }
    return report;
  }

  /** The configuration may have other streams. */
  followConfig(): void {
    const { clock, config } = this.#options;
    const names = config.config.streams.map(({ name }) => name);
    this.lastFrames.follow(names, clock.monotonic());
    const configured = new Set(names);
    for (const stream of this.#errors.keys()) if (!configured.has(stream)) this.#errors.delete(stream);
  }

  close(): void {
    this.clocks.close();
    this.windows.close();
  }

  #newCaptures(): Captures {
    const { clock, config, fact, chronicle, onCaptureEnd } = this.#options;
    return new Captures({
      pool: this.#pool,
      windows: this.windows,
      config: (stream) => config.stream(stream),
      archive: this.#options.archive,
      fact: (stream, attempt, told) => {
        this.#noteError(stream, told);
        if (attempt !== undefined) fact(stream, attempt, told);
        else chronicle.localFact(stream, told, this.#darkFor(stream));
      },
      follow: (predecessor) => this.#follow(predecessor),
      lastWindow: (ended) => this.#lastWindow(ended),
      lastPublished: (stream) => this.lastPublished(stream),
      clock,
      utc: () => this.clocks.utc(),
      observer: {
        started: (capture) => {
          this.mpegts.started(capture);
          chronicle.captureBegins(capture.stream, capture.from !== undefined, capture.cause);
        },
        mpegts: (stream, chunk) => this.mpegts.chunk(stream, chunk),
        segment: ({ stream }, start, end) => chronicle.segment(stream, start, end),
        steppedOn: ({ stream }) => chronicle.steppedOn(stream),
        sourceUsed: ({ stream, config: { sources } }, index) =>
          chronicle.source(stream, { index, of: sources.length, url: maskUrl(sources[index]?.url ?? '') }),
        sourceFailed: ({ stream }, index, error) => chronicle.sourceFailed(stream, index, error),
        pulse: (capture, pulse) => {
          this.board.pulse(capture, pulse);
          const { lastFrameAgeMs: age } = pulse;
          if (age !== undefined) this.lastFrames.seen(capture.stream, after(clock.monotonic(), millis(-age)));
        },
        ended: (capture) => {
          this.board.ended(capture);
          chronicle.captureEnds(capture.stream);
          onCaptureEnd();
        },
      },
    });
  }

  #noteError(stream: StreamName, fact: CaptureFact): void {
    if (fact.kind === 'stalled') this.#errors.set(stream, fact.error);
    if (fact.kind !== 'frames') return;
    this.#errors.delete(stream);
    this.lastFrames.seen(stream, this.#options.clock.monotonic());
  }

  /** Since its last frame; where frames come and can't be published, since what was published last. */
  #darkFor(stream: StreamName): Millis {
    const age = this.lastFrames.age(stream, this.#options.clock.monotonic(), undefined) ?? millis(0);
    const { end } = this.lastPublished(stream);
    if (age >= flowing || end === undefined) return age;
    return millis(Math.max(age, this.clocks.utc() / 1000 - end / 90));
  }

  #lastWindow(ended: Omit<Predecessor, 'onWindow'>): Promise<LiveWindow | undefined> {
    const { clock, onFollowError } = this.#options;
    return lastWindow(this.remoteWindows, clock, ended).catch((error: unknown) => {
      onFollowError(error);
      return undefined;
    });
  }

  #follow(predecessor: Predecessor): Promise<void> {
    const { clock, isDown, onFollowError } = this.#options;
    const isGone = (): boolean => isDown(predecessor.from);
    return followPredecessor(this.remoteWindows, clock, { ...predecessor, isGone }).catch(onFollowError);
  }
}
