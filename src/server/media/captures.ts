import type { Cause } from '../../cluster/message/cause.ts';
import type { Effect } from '../../cluster/step/effect.ts';
import type { CaptureFact } from '../../cluster/step/event.ts';
import type { StreamConfig } from '../../config/model/config.ts';
import type { ArchivePlace } from '../../facts/archive-fact.ts';
import type { CapturePulse, FirstPlace, TrackFact, WorkerCommand, WorkerFact } from '../../facts/protocol.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import type { Captured } from '../../timeline/group-clock.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { after, between, type Instant, millis, type UnixMicros } from '../../units/time.ts';
import { type Certainty, firstPlace } from './first-place.ts';
import { FrameWatch } from './frame-watch.ts';
import { type LastPublished, lastOf } from './last-published.ts';
import type { OwnWindows } from './own-windows.ts';

/**
 * A worker that closes an input says so within this; one that doesn't must keep neither a new input nor the core waiting. Then the end is told
 * here, before the core would take the input for closed by itself (`bounds.closing`), and nothing of it counts any more: whoever goes on has its numbers.
 */
export const longestStopping = millis(4_250);

/** The port to the media workers. */
export interface MediaPool {
  send(command: WorkerCommand): void;
}

export interface CapturesOptions {
  readonly pool: MediaPool;
  readonly windows: OwnWindows;
  readonly config: (stream: StreamName) => StreamConfig | undefined;
  /** Where the stream is recorded now; absent: nowhere. */
  readonly archive: (stream: StreamName) => ArchivePlace | undefined;
  /** What happens to a capture; `attempt` is the core's, absent for a stream that no core knows. */
  readonly fact: (stream: StreamName, attempt: number | undefined, fact: CaptureFact) => void;
  /** Calls back with each new window of the predecessor; resolves when there will be no more. */
  readonly follow: (predecessor: Predecessor) => Promise<void>;
  /** The last window of who has closed its input; undefined when it can't be had at once. Never rejects. */
  readonly lastWindow: (ended: Omit<Predecessor, 'onWindow'>) => Promise<LiveWindow | undefined>;
  /** What the group is known to have published last. */
  readonly lastPublished: (stream: StreamName) => LastPublished;
  readonly observer: CaptureObserver;
  readonly clock: Clock;
  /** The group's clock. */
  readonly utc: () => UnixMicros;
}

export interface Predecessor {
  readonly from: ServerName;
  readonly stream: StreamName;
  readonly onWindow: (window: LiveWindow) => void;
  readonly signal: AbortSignal;
}

/** Who wants to see what captures do: status, journal, MPEG-TS. */
interface CaptureObserver {
  started(capture: Capture): void;
  mpegts(stream: StreamName, chunk: { readonly keyframe: boolean; readonly data: Uint8Array }): void;
  segment(capture: Capture, start: Ticks, end: Ticks): void;
  /** Nothing is missing between its last segment and the next. */
  steppedOn(capture: Capture): void;
  /** Media comes from this source. */
  sourceUsed(capture: Capture, index: number): void;
  /** A connection to it ended or could not be made. */
  sourceFailed(capture: Capture, index: number, error: string): void;
  pulse(capture: Capture, pulse: CapturePulse): void;
  ended(capture: Capture): void;
}

/** One life of a stream's input on this server. */
export interface Capture {
  readonly stream: StreamName;
  /** The number in the worker protocol: new for every start, also when a reload restarts the input within the core's attempt. */
  readonly attempt: number;
  /** The core's number; absent for a stream that every server captures for itself. */
  readonly coreAttempt: number | undefined;
  config: StreamConfig;
  readonly standIn: boolean;
  readonly from: ServerName | undefined;
  /** Why it began; absent for a stream that no core knows. */
  readonly cause: Cause | undefined;
  state: 'starting' | 'running' | 'stalled' | 'stopping';
  tracks: readonly TrackFact[];
  /** Index of the source in use. */
  source: number;
  /** It has a timeline: its own, or the predecessor's. */
  onTimeline: boolean;
  /** When it was asked for. */
  readonly since: Instant;
  readonly following: AbortController;
  readonly watch: FrameWatch;
  /** Of the wait for the end of a stopping one. */
  cancelOverdue: () => void;
}

type Start = Omit<Extract<Effect, { type: 'start' }>, 'type' | 'cause' | 'attempt'> & {
  readonly attempt: number | undefined;
  readonly cause?: Cause;
};

type Stop = Pick<Extract<Effect, { type: 'stop' }>, 'stream'> & {
  readonly attempt: number | undefined;
  readonly to?: ServerName | undefined;
  readonly cause?: Cause;
};

/** The captures of this server: what the core (or the configuration) wants, done by the media workers. */
export class Captures {
  readonly #options: CapturesOptions;
  readonly #byAttempt = new Map<number, Capture>();
  readonly #current = new Map<StreamName, Capture>();
  /** Those that begin anew as soon as their old input is closed: a camera with one connection would refuse a second one. */
  readonly #restarts = new Map<StreamName, Capture>();
  #lastAttempt = 0;

  constructor(options: CapturesOptions) {
    this.#options = options;
  }

  /** The capture that counts; absent while none runs or it is stopping. */
  get(stream: StreamName): Capture | undefined {
    return this.#current.get(stream);
  }

  all(): Iterable<Capture> {
    return this.#current.values();
  }

  /** What runs or is just closing: its segments are cut by the group's clock. */
  get captured(): Captured {
    if (this.#byAttempt.size === 0) return 'nothing';
    for (const { coreAttempt } of this.#byAttempt.values()) if (coreAttempt !== undefined) return 'group';
    return 'own';
  }

  start(wanted: Start): void {
    const config = this.#options.config(wanted.stream);
    if (config === undefined) {
      // The configuration lost the stream while the core decided; the core learns the same configuration next.
      if (wanted.attempt !== undefined) this.#options.fact(wanted.stream, wanted.attempt, { kind: 'stopped' });
      return;
    }
    this.#begin(wanted, config);
  }

  stop(wanted: Stop): void {
    // Without its restart, the end of the old input is the end of the capture.
    if (this.#restarts.get(wanted.stream)?.coreAttempt === wanted.attempt) this.#restarts.delete(wanted.stream);
    const capture = this.#current.get(wanted.stream);
    if (capture === undefined || capture.coreAttempt !== wanted.attempt) return;
    this.#halt(capture, !goesOnBeside(capture, wanted));
  }

  /** The list of the stream's sources changed: the input goes on if the one in use is still among them. */
  useSources(stream: StreamName): void {
    const capture = this.#current.get(stream);
    const config = this.#options.config(stream);
    if (capture === undefined || config === undefined) return;
    const inUse = capture.config.sources[capture.source]?.url;
    const source = config.sources.findIndex(({ url }) => url === inUse);
    if (source < 0) {
      this.restart(stream);
      return;
    }
    capture.config = config;
    capture.source = source;
    this.#options.pool.send({ type: 'sources', stream, attempt: capture.attempt, sources: config.sources });
  }

  /** Where the stream is recorded may be another place now. */
  useArchive(stream: StreamName): void {
    const capture = this.#current.get(stream);
    if (capture === undefined) return;
    const { pool, archive } = this.#options;
    pool.send({ type: 'archive', stream, attempt: capture.attempt, archive: archive(stream) });
  }

  /** The stream's configuration changed: the input is opened anew, for the core the capture goes on. */
  restart(stream: StreamName): void {
    const capture = this.#current.get(stream);
    if (capture === undefined) return;
    this.#restarts.set(stream, capture);
    this.#halt(capture, true);
  }

  #resume({ stream, standIn, coreAttempt }: Capture): void {
    this.#restarts.delete(stream);
    this.start({
      stream,
      attempt: coreAttempt,
      from: undefined,
      behind: this.#options.windows.server,
      standIn,
      cause: 'reload',
    });
  }

  /** Viewers of another server were shown segments up to this number. */
  shownElsewhere(stream: StreamName, number: number): void {
    const capture = this.#current.get(stream);
    const published = this.#options.windows.get(stream)?.segments.at(-1)?.number ?? -1;
    if (capture === undefined || number <= published) return;
    this.#options.pool.send({ type: 'shown', stream, attempt: capture.attempt, number });
  }

  /** Closes every input of the core's and reports nothing of them: the core that wanted them is gone. */
  dropAll(): void {
    for (const old of [...this.#restarts.values()]) {
      if (old.coreAttempt === undefined) continue;
      this.#restarts.delete(old.stream);
      this.#forget(old);
    }
    for (const capture of [...this.#current.values()]) {
      if (capture.coreAttempt === undefined) continue;
      this.#halt(capture);
      this.#forget(capture);
    }
  }

  /** Takes a worker's fact. */
  onFact(fact: WorkerFact): void {
    if (fact.type === 'pulse') {
      for (const pulse of fact.captures) this.#onPulse(pulse);
      return;
    }
    if (!('attempt' in fact)) return;
    const capture = this.#byAttempt.get(fact.attempt);
    if (capture !== undefined) this.#onCaptureFact(capture, fact);
  }

  #begin(wanted: Start, config: StreamConfig): void {
    const { stream, from } = wanted;
    const { pool, windows, observer } = this.#options;
    const isOwn = wanted.behind === windows.server;
    const behind = isOwn ? undefined : wanted.behind;
    this.#restarts.delete(stream);
    // A reload may make a server's own stream the group's, or the reverse, in either order of stop and start.
    const replaced = this.#current.get(stream);
    if (replaced !== undefined) this.#halt(replaced);
    const capture: Capture = {
      stream,
      attempt: ++this.#lastAttempt,
      coreAttempt: wanted.attempt,
      config,
      standIn: wanted.standIn,
      from,
      cause: wanted.cause,
      state: 'starting',
      tracks: [],
      source: 0,
      onTimeline: from === undefined && behind === undefined,
      since: this.#options.clock.monotonic(),
      following: new AbortController(),
      watch: new FrameWatch({
        clock: this.#options.clock,
        limit: config.sourceTimeout,
        stalled: () => this.#stalled(capture, 'the media worker tells of no frames'),
        frames: () => this.#running(capture),
      }),
      cancelOverdue: () => undefined,
    };
    this.#byAttempt.set(capture.attempt, capture);
    this.#current.set(stream, capture);
    windows.begin(stream, config.segmentDuration, this.#options.lastPublished(stream).targetDuration);
    const adopting = from !== undefined || behind !== undefined;
    const { attempt } = capture;
    const beginning = wanted.source === undefined ? {} : { source: wanted.source };
    const own = isOwn ? windows.get(stream) : undefined;
    const place = adopting ? { notBefore: undefined } : this.#behind(capture, own, 'guessed');
    const archive = this.#options.archive(stream);
    pool.send({
      type: 'start',
      stream: config,
      attempt,
      adopting,
      ...(archive && { archive }),
      ...beginning,
      ...place,
    });
    observer.started(capture);
    if (from !== undefined) void this.#adopt(capture, from);
    else if (behind !== undefined) void this.#follows(capture, behind);
  }

  /**
   * Goes on behind what `last` published up to the moment when it closed the input. That is asked for, and meanwhile nothing is published: a
   * source that begins with a burst of the past would be given its numbers and times once more. With the answer the list goes on, too.
   */
  async #follows(capture: Capture, last: ServerName): Promise<void> {
    const { pool, windows, lastWindow } = this.#options;
    const { stream, attempt } = capture;
    const { signal } = capture.following;
    const window = await lastWindow({ from: last, stream, signal });
    if (signal.aborted) return;
    if (window !== undefined) windows.precededBy(stream, window);
    capture.onTimeline = true;
    pool.send({ type: 'own-timeline', stream, attempt, ...this.#behind(capture, window, 'untold') });
  }

  /** Follows the predecessor; when it ends before its timeline is adopted, the capture goes on by its own. */
  async #adopt(capture: Capture, from: ServerName): Promise<void> {
    const { pool, windows, follow } = this.#options;
    const { stream, attempt } = capture;
    const onWindow = (window: LiveWindow): void => {
      windows.precededBy(stream, window);
      pool.send({ type: 'adopt', stream, attempt, segments: window.segments });
    };
    await follow({ from, stream, onWindow, signal: capture.following.signal });
    if (capture.onTimeline || capture.following.signal.aborted) return;
    capture.onTimeline = true;
    pool.send({ type: 'own-timeline', stream, attempt, ...this.#behind(capture, undefined, 'guessed') });
  }

  /** Where a capture without a predecessor to adopt from may begin: `told` is the word of who had the stream last, and may be older than what is known. */
  #behind(capture: Capture, told: LiveWindow | undefined, otherwise: Exclude<Certainty, 'told'>): FirstPlace {
    const { stream, config, since } = capture;
    const { utc, clock, lastPublished, windows } = this.#options;
    const sinceUtc = utc() - between(since, clock.monotonic()) * 1_000;
    const [last, known] = [lastOf(told), lastPublished(stream)];
    const isNewest = last.number !== undefined && last.number >= (known.number ?? last.number);
    // Who knows only what it published itself was not watching whoever had the stream since.
    const untold = known.holder === windows.server ? 'untold' : otherwise;
    const [place, certainty] = isNewest ? ([last, 'told'] as const) : ([known, untold] as const);
    return firstPlace(place, config.segmentDuration, ticks((sinceUtc * 9) / 100), certainty);
  }

  #halt(capture: Capture, publishRest = false): void {
    capture.state = 'stopping';
    capture.following.abort();
    capture.watch.close();
    if (this.#current.get(capture.stream) === capture) this.#current.delete(capture.stream);
    this.#options.windows.end(capture.stream);
    const { clock } = this.#options;
    capture.cancelOverdue = clock.setTimer(after(clock.monotonic(), longestStopping), () => this.#stopped(capture));
    const { stream, attempt } = capture;
    this.#options.pool.send({ type: 'stop', stream, attempt, ...(publishRest && { publishRest }) });
    this.#options.observer.ended(capture);
  }

  #onPulse(pulse: CapturePulse): void {
    const capture = this.#byAttempt.get(pulse.attempt);
    // A capture that is stopping has been told as ended: nobody would forget what is noted of it now.
    if (capture === undefined || capture.state === 'stopping') return;
    this.#options.observer.pulse(capture, pulse);
    const { lastFrameAgeMs } = pulse;
    if (lastFrameAgeMs === undefined) return;
    capture.watch.seen(after(this.#options.clock.monotonic(), millis(-lastFrameAgeMs)));
  }

  #onCaptureFact(capture: Capture, fact: Extract<WorkerFact, { readonly attempt: number }>): void {
    const { windows, observer } = this.#options;
    switch (fact.type) {
      case 'tracks':
        capture.tracks = fact.tracks;
        capture.source = fact.source;
        break;
      case 'source-used':
        // Also told when a list of sources is heeded: what was told meanwhile spoke of the one before.
        capture.source = fact.source;
        observer.sourceUsed(capture, fact.source);
        this.#tell(capture, { kind: 'source', source: fact.source });
        break;
      case 'source-failed':
        observer.sourceFailed(capture, fact.source, fact.error);
        break;
      case 'frames':
        this.#running(capture);
        if (capture.state === 'running') capture.watch.began();
        break;
      case 'ready':
        capture.onTimeline = true;
        // The core knows no other captures that wait for anything but frames.
        if (capture.from !== undefined) this.#tell(capture, { kind: 'ready' });
        break;
      case 'stalled':
        capture.watch.ended();
        this.#stalled(capture, fact.error);
        break;
      case 'stopped':
        this.#stopped(capture);
        break;
      case 'init':
        windows.init(capture.stream, fact.init);
        break;
      case 'segment':
        // An input that took too long to close: its successor did not know of this segment.
        if (this.#isReplaced(capture)) break;
        windows.segment(capture.stream, fact.segment, fact.location);
        observer.segment(capture, fact.segment.start, (fact.segment.start + fact.segment.duration) as Ticks);
        break;
      case 'stepped-on':
        observer.steppedOn(capture);
        break;
      case 'mpegts':
        if (capture.state !== 'stopping') observer.mpegts(capture.stream, fact);
        break;
    }
  }

  /** Its input is closed, or counts as closed: what still comes of it is of nobody. */
  #stopped(capture: Capture): void {
    this.#forget(capture);
    if (this.#restarts.get(capture.stream) === capture) this.#resume(capture);
    else this.#tell(capture, { kind: 'stopped' });
  }

  #forget(capture: Capture): void {
    capture.cancelOverdue();
    this.#byAttempt.delete(capture.attempt);
  }

  /** Also told by each new worker that goes on with the capture; the core learns transitions. */
  #running(capture: Capture): void {
    if (capture.state === 'running' || capture.state === 'stopping') return;
    capture.state = 'running';
    this.#tell(capture, { kind: 'frames' });
  }

  #stalled(capture: Capture, error: string): void {
    if (capture.state === 'stalled' || capture.state === 'stopping') return;
    capture.state = 'stalled';
    this.#tell(capture, { kind: 'stalled', error });
  }

  #isReplaced(capture: Capture): boolean {
    const current = this.#current.get(capture.stream);
    return current !== undefined && current !== capture;
  }

  /** A capture that a reload replaced speaks no more for the core's attempt. */
  #tell(capture: Capture, fact: CaptureFact): void {
    if (this.#restarts.get(capture.stream) === capture) return;
    const successor = this.#current.get(capture.stream);
    if (successor !== undefined && successor !== capture && successor.coreAttempt === capture.coreAttempt) return;
    this.#options.fact(capture.stream, capture.coreAttempt, fact);
  }
}

/** Whether another server publishes the same numbers at this moment: where both captured, or one takes over from the other without a break. */
function goesOnBeside({ config, source }: Capture, { to, cause }: Stop): boolean {
  if (cause === 'duplicate' || cause === 'partition') return true;
  const overlaps = config.clusterIngest?.handover !== 'break' && config.sources[source]?.protocol !== 'file';
  return to !== undefined && overlaps;
}
