import type { Effect } from '../cluster/effect.ts';
import type { CaptureFact } from '../cluster/event.ts';
import type { StreamConfig } from '../config/config.ts';
import type { LiveWindow } from '../hls/live-window.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import type { Ticks } from '../units/ticks.ts';
import type { Instant } from '../units/time.ts';
import type { CapturePulse, TrackFact, WorkerCommand, WorkerFact } from '../worker/protocol.ts';
import type { OwnWindows } from './own-windows.ts';

/** The port to the media workers. */
export interface MediaPool {
  send(command: WorkerCommand): void;
}

export interface CapturesOptions {
  readonly pool: MediaPool;
  readonly windows: OwnWindows;
  readonly config: (stream: StreamName) => StreamConfig | undefined;
  /** What happens to a capture; `attempt` is the core's, absent for a stream that no core knows. */
  readonly fact: (stream: StreamName, attempt: number | undefined, fact: CaptureFact) => void;
  /** Calls back with each new window of the predecessor; resolves when there will be no more. */
  readonly follow: (predecessor: Predecessor) => Promise<void>;
  /** What the group is known to have published last. */
  readonly lastPublished: (stream: StreamName) => LastPublished;
  readonly observer: CaptureObserver;
  readonly now: () => Instant;
}

export interface Predecessor {
  readonly from: ServerName;
  readonly stream: StreamName;
  readonly onWindow: (window: LiveWindow) => void;
  readonly signal: AbortSignal;
}

export interface LastPublished {
  /** The end of the newest segment, 90 kHz UTC. */
  readonly end: Ticks | undefined;
  readonly number: number | undefined;
}

/** Who wants to see what captures do: status, journal, MPEG-TS. */
interface CaptureObserver {
  started(capture: Capture): void;
  mpegts(stream: StreamName, chunk: { readonly keyframe: boolean; readonly data: Uint8Array }): void;
  segment(capture: Capture, start: Ticks, end: Ticks): void;
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
  readonly config: StreamConfig;
  readonly standIn: boolean;
  readonly from: ServerName | undefined;
  state: 'starting' | 'running' | 'stalled' | 'stopping';
  tracks: readonly TrackFact[];
  /** Index of the source in use. */
  source: number;
  /** It has a timeline: its own, or the predecessor's. */
  onTimeline: boolean;
  /** When it was asked for. */
  readonly since: Instant;
  readonly following: AbortController;
}

type Start = Omit<Extract<Effect, { type: 'start' }>, 'type' | 'cause' | 'attempt'> & {
  readonly attempt: number | undefined;
};

/** The captures of this server: what the core (or the configuration) wants, done by the media workers. */
export class Captures {
  readonly #options: CapturesOptions;
  readonly #byAttempt = new Map<number, Capture>();
  readonly #current = new Map<StreamName, Capture>();
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

  get active(): boolean {
    return this.#byAttempt.size > 0;
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

  stop(wanted: { readonly stream: StreamName; readonly attempt: number | undefined }): void {
    const capture = this.#current.get(wanted.stream);
    if (capture === undefined || capture.coreAttempt !== wanted.attempt) return;
    this.#halt(capture);
  }

  /** The stream's configuration changed: the input is opened anew, for the core the capture goes on. */
  restart(stream: StreamName): void {
    const capture = this.#current.get(stream);
    const config = this.#options.config(stream);
    if (capture === undefined || config === undefined) return;
    const { standIn, coreAttempt } = capture;
    this.#begin({ stream, attempt: coreAttempt, from: undefined, standIn }, config);
  }

  /** Closes every input of the core's and reports nothing of them: the core that wanted them is gone. */
  dropAll(): void {
    for (const capture of [...this.#current.values()]) {
      if (capture.coreAttempt === undefined) continue;
      this.#halt(capture);
      this.#byAttempt.delete(capture.attempt);
    }
  }

  /** Takes a worker's fact. */
  onFact(fact: WorkerFact): void {
    if (fact.type === 'pulse') {
      for (const pulse of fact.captures) this.#onPulse(pulse);
      return;
    }
    const capture = this.#byAttempt.get(fact.attempt);
    if (capture !== undefined) this.#onCaptureFact(capture, fact);
  }

  #begin(wanted: Start, config: StreamConfig): void {
    const { stream, from } = wanted;
    // A reload may make a server's own stream the group's, or the reverse, in either order of stop and start.
    const replaced = this.#current.get(stream);
    if (replaced !== undefined) this.#halt(replaced);
    const { pool, windows, observer } = this.#options;
    const capture: Capture = {
      stream,
      attempt: ++this.#lastAttempt,
      coreAttempt: wanted.attempt,
      config,
      standIn: wanted.standIn,
      from,
      state: 'starting',
      tracks: [],
      source: 0,
      onTimeline: from === undefined,
      since: this.#options.now(),
      following: new AbortController(),
    };
    this.#byAttempt.set(capture.attempt, capture);
    this.#current.set(stream, capture);
    windows.begin(stream, config.segmentDuration);
    const adopting = from !== undefined;
    pool.send({ type: 'start', stream: config, attempt: capture.attempt, adopting, ...this.#behind(stream, adopting) });
    observer.started(capture);
    if (from !== undefined) void this.#adopt(capture, from);
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
    pool.send({ type: 'own-timeline', stream, attempt, ...this.#behind(stream, false) });
  }

  /** Where a capture without a predecessor to adopt from may begin. */
  #behind(stream: StreamName, adopting: boolean): { notBefore: number | undefined; numberAfter?: number } {
    if (adopting) return { notBefore: undefined };
    const { end, number } = this.#options.lastPublished(stream);
    return number === undefined ? { notBefore: end } : { notBefore: end, numberAfter: number };
  }

  #halt(capture: Capture): void {
    capture.state = 'stopping';
    capture.following.abort();
    if (this.#current.get(capture.stream) === capture) this.#current.delete(capture.stream);
    this.#options.windows.end(capture.stream);
    this.#options.pool.send({ type: 'stop', stream: capture.stream, attempt: capture.attempt });
    this.#options.observer.ended(capture);
  }

  #onPulse(pulse: CapturePulse): void {
    const capture = this.#byAttempt.get(pulse.attempt);
    if (capture !== undefined) this.#options.observer.pulse(capture, pulse);
  }

  #onCaptureFact(capture: Capture, fact: Exclude<WorkerFact, { type: 'pulse' }>): void {
    const { windows, observer } = this.#options;
    switch (fact.type) {
      case 'tracks':
        capture.tracks = fact.tracks;
        capture.source = fact.source;
        break;
      case 'frames':
        capture.state = capture.state === 'stopping' ? 'stopping' : 'running';
        this.#tell(capture, { kind: 'frames' });
        break;
      case 'ready':
        capture.onTimeline = true;
        this.#tell(capture, { kind: 'ready' });
        break;
      case 'stalled':
        capture.state = capture.state === 'stopping' ? 'stopping' : 'stalled';
        this.#tell(capture, { kind: 'stalled', error: fact.error });
        break;
      case 'stopped':
        this.#byAttempt.delete(capture.attempt);
        this.#tell(capture, { kind: 'stopped' });
        break;
      case 'init':
        windows.init(capture.stream, fact.init);
        break;
      case 'segment':
        windows.segment(capture.stream, fact.segment, fact.location);
        observer.segment(capture, fact.segment.start, (fact.segment.start + fact.segment.duration) as Ticks);
        break;
      case 'mpegts':
        if (capture.state !== 'stopping') observer.mpegts(capture.stream, fact);
        break;
    }
  }

  /** A capture that a reload replaced speaks no more for the core's attempt. */
  #tell(capture: Capture, fact: CaptureFact): void {
    const successor = this.#current.get(capture.stream);
    if (successor !== undefined && successor !== capture && successor.coreAttempt === capture.coreAttempt) return;
    this.#options.fact(capture.stream, capture.coreAttempt, fact);
  }
}
