import type { CaptureFact } from '../../../src/cluster/step/event.ts';
import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import type { Random } from '../random.ts';
import type { Cancel, Schedule } from '../schedule.ts';
import type { Camera, CameraConnection } from './camera.ts';

export interface MediaOptions {
  /** Connect and handshake with a camera. */
  readonly connectMs: readonly [number, number];
  /** From the first frame to the adopted timeline and segments up to the live edge: up to two segments. */
  readonly adoptMs: readonly [number, number];
  /** Closing an input. */
  readonly closeMs: readonly [number, number];
  /** From the moment when a worker stands still to its successor: the checks without a sign, its ending, the pause. */
  readonly replaceMs: number;
}

/** The capture's retry: doubled from the first to the last, as a media side would do it. */
const retryMs = { first: 250, last: 4000 } as const;

/** A connection attempt into the void ends after this. */
const connectTimeoutMs = 3000;

/** What the main thread leaves to the worker to tell before it tells itself. */
const graceMs = 1000;

/** How often a successor looks whether it can adopt its predecessor's timeline. */
const adoptRetryMs = 250;

export interface InputOwner {
  readonly host: ServerName;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly media: MediaOptions;
  /** The process runs, and so does the worker that has this stream. */
  running(stream: StreamName): boolean;
  /** The predecessor captures with frames and can be reached. */
  adoptable(stream: StreamName, from: ServerName): boolean;
  fact(input: Input, fact: CaptureFact): void;
  flow(input: Input, flows: boolean): void;
}

/** One attempt to capture a stream: connects, retries, tells its facts as a media worker does, until it is closed. */
export class Input {
  readonly stream: StreamName;
  readonly attempt: number;
  readonly from: ServerName | undefined;
  readonly sourceTimeoutMs: number;
  readonly #owner: InputOwner;
  readonly #camera: Camera;
  #connection: CameraConnection | undefined;
  #gotFrame = false;
  #told: 'nothing' | 'frames' | 'stalled' = 'nothing';
  #flows = false;
  #ready = false;
  #failures = 0;
  /** Begun anew by a later worker, and no frame since: the watch of that one began anew, too. */
  #reborn = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** One at a time: the next connect, the first frame, or the end of patience with a connect. */
  #next: Cancel = () => {};
  #stall: Cancel = () => {};
  #adopt: Cancel = () => {};

  constructor(
    owner: InputOwner,
    camera: Camera,
    start: { stream: StreamName; attempt: number; from: ServerName | undefined; sourceTimeoutMs: number },
  ) {
    this.#owner = owner;
    this.#camera = camera;
    this.stream = start.stream;
    this.attempt = start.attempt;
    this.from = start.from;
    this.sourceTimeoutMs = start.sourceTimeoutMs;
  }

  get flows(): boolean {
    return this.#flows;
  }

  get connected(): boolean {
    return this.#connection !== undefined && this.#camera.has(this.#connection);
  }

  get wanted(): boolean {
    return this.#state === 'open';
  }

  open(): void {
    this.#connectIn(this.#draw(this.#owner.media.connectMs));
    this.#watch();
  }

  /** Something around it changed: the camera, the way to it, its worker, its process. */
  refresh(): void {
    const connection = this.#connection;
    if (connection !== undefined) {
      if (this.#owner.running(this.stream) && this.#camera.serves(this.#owner.host)) {
        if (this.#camera.has(connection)) this.#camera.release(connection);
        else this.#lostConnection();
      } else if (!this.#owner.running(this.stream)) this.#camera.hold(connection);
    }
    this.#judge();
  }

  /** By the core: ends with `stopped` once the camera's slot is free. */
  close(): void {
    this.#state = 'closing';
    this.#judge();
    this.#cancelAll();
    this.#owner.schedule.in(this.#draw(this.#owner.media.closeMs), () => this.finishClosing());
  }

  /** Waits while the worker hangs: whoever replaces the worker calls again. */
  finishClosing(): void {
    if (this.#state !== 'closing' || !this.#owner.running(this.stream)) return;
    this.#state = 'closed';
    this.#disconnect();
    this.#owner.fact(this, { kind: 'stopped' });
  }

  /** The process is gone. `reset`: its system ends the connections; `silent`: nobody does. */
  abandon(how: 'reset' | 'silent'): void {
    this.#state = 'closed';
    this.#cancelAll();
    this.#judge();
    if (this.#connection === undefined) return;
    this.#connection.onClosed = () => {};
    if (how === 'reset') this.#camera.disconnect(this.#connection);
    else this.#camera.hold(this.#connection);
  }

  /** By the process when it replaced its worker: all begins anew, and the core is told nothing. */
  restart(): void {
    this.#disconnect();
    if (this.#state === 'closing') {
      this.finishClosing();
      return;
    }
    this.#next();
    this.#reborn = true;
    this.#connectIn(this.#draw(this.#owner.media.connectMs));
  }

  #connectIn(span: number): void {
    this.#next = this.#owner.schedule.in(span, () => this.#connect());
  }

  #connect(): void {
    if (!this.#owner.running(this.stream)) {
      this.#connectIn(retryMs.first);
      return;
    }
    const result = this.#camera.connect(this.#owner.host);
    if (result === 'unreachable') {
      this.#next = this.#owner.schedule.in(connectTimeoutMs, () => this.#failed());
    } else if (result === 'refused') this.#failed();
    else {
      this.#connection = result;
      result.onClosed = () => this.#lostConnection();
      const wait = this.#draw(this.#camera.options.firstFrameMs) + this.#camera.extraFirstFrameMs;
      this.#next = this.#owner.schedule.in(wait, () => {
        this.#gotFrame = true;
        this.#judge();
      });
    }
  }

  #lostConnection(): void {
    this.#connection = undefined;
    this.#gotFrame = false;
    this.#next();
    this.#judge();
    if (this.#state === 'open') this.#failed();
  }

  #failed(): void {
    this.#failures += 1;
    const doubled = retryMs.first * 2 ** Math.min(this.#failures, 6);
    this.#connectIn(Math.min(doubled, retryMs.last) * this.#owner.random.between(0.5, 1));
  }

  /** Flowing is what the camera, the way, the worker and the process together allow. */
  #judge(): void {
    const flows =
      this.#state === 'open' &&
      this.#gotFrame &&
      this.connected &&
      this.#camera.serves(this.#owner.host) &&
      this.#owner.running(this.stream);
    if (flows === this.#flows) return;
    this.#flows = flows;
    this.#owner.flow(this, flows);
    if (flows) this.#flowing();
    else if (this.#state === 'open') this.#watch();
  }

  #flowing(): void {
    this.#failures = 0;
    this.#reborn = false;
    this.#stall();
    if (this.#told !== 'frames') {
      this.#told = 'frames';
      this.#owner.fact(this, { kind: 'frames' });
    }
    if (this.from !== undefined && !this.#ready) this.#adoptIn(this.#draw(this.#owner.media.adoptMs), this.from);
  }

  #adoptIn(span: number, from: ServerName): void {
    this.#adopt();
    this.#adopt = this.#owner.schedule.in(span, () => {
      if (this.#state !== 'open') return;
      if (this.#flows && this.#owner.adoptable(this.stream, from)) {
        this.#ready = true;
        this.#owner.fact(this, { kind: 'ready' });
      } else this.#adoptIn(adoptRetryMs, from);
    });
  }

  /** `source_timeout` after the last frame the worker gives the connection up and tells; of one that can't, the main thread tells. */
  #watch(): void {
    this.#stall();
    this.#stall = this.#owner.schedule.in(this.sourceTimeoutMs, () => {
      if (this.#owner.running(this.stream) && !this.#reborn) this.#giveUp();
      else this.#stall = this.#owner.schedule.in(graceMs, () => this.#giveUp());
    });
  }

  #giveUp(): void {
    if (this.#flows || this.#state !== 'open') return;
    if (this.#owner.running(this.stream) && this.#connection !== undefined) {
      this.#disconnect();
      this.#next();
      this.#connectIn(retryMs.first);
    }
    this.#tellStalled();
    this.#watch();
  }

  #tellStalled(): void {
    if (this.#told === 'stalled') return;
    this.#told = 'stalled';
    this.#owner.fact(this, { kind: 'stalled', error: 'no frames' });
  }

  #disconnect(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#gotFrame = false;
    if (connection !== undefined) this.#camera.disconnect(connection);
    this.#judge();
  }

  #cancelAll(): void {
    this.#next();
    this.#stall();
    this.#adopt();
  }

  #draw([low, high]: readonly [number, number]): number {
    return this.#owner.random.between(low, high);
  }
}
