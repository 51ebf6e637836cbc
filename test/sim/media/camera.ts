import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import type { Cancel, Schedule } from '../schedule.ts';

export interface CameraOptions {
  readonly stream: StreamName;
  /** How many connections it takes at once. */
  readonly limit: number;
  /** What it does with one more. */
  readonly whenFull: 'refuse' | 'drop-first';
  /** From the accepted connection to the first keyframe; a slow camera takes seconds. */
  readonly firstFrameMs: readonly [number, number];
  /** How long it keeps the slot of a client that fell silent. */
  readonly holdMs: number;
}

export type ConnectResult = CameraConnection | 'refused' | 'unreachable';

export interface CameraConnection {
  readonly host: ServerName;
  /** The camera ended it, and said so. */
  onClosed: () => void;
}

/** A source, and the judge of "captured once": it counts the connections it has. */
export class Camera {
  readonly options: CameraOptions;
  readonly #schedule: Schedule;
  readonly #onChange: (camera: Camera) => void;
  readonly #connections = new Set<CameraConnection>();
  readonly #holds = new Map<CameraConnection, Cancel>();
  readonly #unreachableBy = new Map<ServerName, number>();
  #alive = true;
  #answers = true;
  #extraFirstFrameMs = 0;
  #wellSince = 0;
  readonly #mendedAt = new Map<ServerName, number>();
  mostConnections = 0;

  constructor(schedule: Schedule, options: CameraOptions, onChange: (camera: Camera) => void) {
    this.#schedule = schedule;
    this.options = options;
    this.#onChange = onChange;
  }

  get stream(): StreamName {
    return this.options.stream;
  }

  get alive(): boolean {
    return this.#alive;
  }

  reachableBy(host: ServerName): boolean {
    return !this.#unreachableBy.has(host);
  }

  /** Frames would flow to this server now. */
  serves(host: ServerName): boolean {
    return this.#alive && this.reachableBy(host);
  }

  /** A fault makes it slower to give its first frame. */
  get extraFirstFrameMs(): number {
    return this.#extraFirstFrameMs;
  }

  slowDown(extraMs: number): void {
    this.#extraFirstFrameMs = extraMs;
    this.#wellSince = this.#schedule.now;
  }

  /** Since when this server could get frames without trouble; infinite while it couldn't. */
  wellSince(host: ServerName): number {
    if (!this.serves(host) || this.#extraFirstFrameMs > 0) return Number.POSITIVE_INFINITY;
    return Math.max(this.#wellSince, this.#mendedAt.get(host) ?? 0);
  }

  /** Whose connections it has, but for those that fell silent or that said goodbye unheard. */
  connected(): ServerName[] {
    return [...this.#connections].filter((connection) => !this.#holds.has(connection)).map(({ host }) => host);
  }

  connect(host: ServerName): ConnectResult {
    if (!this.reachableBy(host)) return 'unreachable';
    if (!this.#alive) return this.#answers ? 'refused' : 'unreachable';
    if (this.#connections.size >= this.options.limit) {
      if (this.options.whenFull === 'refuse') return 'refused';
      const [first] = this.#connections;
      if (first !== undefined) this.#close(first);
    }
    const connection: CameraConnection = { host, onClosed: () => {} };
    this.#connections.add(connection);
    this.mostConnections = Math.max(this.mostConnections, this.#connections.size);
    return connection;
  }

  /** The client said goodbye, or its system did. Unheard when there is no way: the slot is held. */
  disconnect(connection: CameraConnection): void {
    connection.onClosed = () => {};
    if (this.reachableBy(connection.host)) this.#forget(connection);
    else this.hold(connection);
  }

  /** The client fell silent: its slot is held until it speaks again or the camera loses patience. */
  hold(connection: CameraConnection): void {
    if (!this.#connections.has(connection) || this.#holds.has(connection)) return;
    const cancel = this.#schedule.in(this.options.holdMs, () => this.#close(connection));
    this.#holds.set(connection, cancel);
  }

  release(connection: CameraConnection): void {
    this.#holds.get(connection)?.();
    this.#holds.delete(connection);
  }

  has(connection: CameraConnection): boolean {
    return this.#connections.has(connection);
  }

  /** `answers`: its machine refuses connections, rather than being gone from the network. */
  die(answers: boolean): void {
    this.#alive = false;
    this.#answers = answers;
    for (const connection of this.#connections) {
      if (answers) this.#close(connection);
      else this.#forget(connection);
    }
    this.#onChange(this);
  }

  revive(): void {
    this.#alive = true;
    this.#wellSince = this.#schedule.now;
    this.#onChange(this);
  }

  /** Cuts one server's way to the camera; returns how to mend it. */
  cut(host: ServerName): () => void {
    this.#unreachableBy.set(host, (this.#unreachableBy.get(host) ?? 0) + 1);
    for (const connection of this.#connections) if (connection.host === host) this.hold(connection);
    this.#onChange(this);
    let lifted = false;
    return () => {
      if (lifted) return;
      lifted = true;
      const left = (this.#unreachableBy.get(host) ?? 0) - 1;
      if (left > 0) this.#unreachableBy.set(host, left);
      else this.#unreachableBy.delete(host);
      this.#mendedAt.set(host, this.#schedule.now);
      this.#onChange(this);
    };
  }

  #close(connection: CameraConnection): void {
    this.#forget(connection);
    if (this.reachableBy(connection.host)) connection.onClosed();
  }

  #forget(connection: CameraConnection): void {
    this.release(connection);
    this.#connections.delete(connection);
  }
}
