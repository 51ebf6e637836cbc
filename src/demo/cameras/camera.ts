import type { Clock } from '../../units/clock.ts';
import { between, type Instant } from '../../units/time.ts';
import { type Behaviour, type Control, healthy } from './behaviour.ts';
import type { ConnectionLog } from './connection-log.ts';
import { keyPieceBefore, piecesDue, type Reel, renderSpan } from './reel.ts';

/** One who is connected. `write` gets whole pieces; the bytes are shared with the other viewers. */
export interface Viewer {
  write(bytes: Uint8Array): void;
  /** Bytes written that the network has not taken yet. */
  readonly unsent: number;
  /** Ends the connection at once, from the camera's side. */
  drop(): void;
}

/** A connection that has named the camera. */
export interface Visit {
  play(): void;
  leave(why: string): void;
}

/** A viewer that lags by more than this (8 s at 4 Mbit/s) is dropped, as a camera with little memory does. */
const mostUnsent = 4_000_000;

interface Guest {
  readonly connection: number;
  readonly viewer: Viewer;
  readonly reel: Reel;
  playing: boolean;
}

/** What goes out in one protocol: the next piece that nobody got yet. */
interface Channel {
  next: number;
}

/** A camera: one timeline for all who watch, and a behaviour that tests change while it runs. */
export class Camera {
  readonly name: string;
  readonly #clock: Clock;
  readonly #log: ConnectionLog;
  readonly #epoch: Instant;
  readonly #channels = new Map<Reel, Channel>();
  #guests: Guest[] = [];
  #behaviour: Behaviour;
  #shift90k: number;

  constructor(options: {
    readonly name: string;
    readonly clock: Clock;
    readonly log: ConnectionLog;
    /** When its clip began to play; cameras of one clip with different epochs show different pictures. */
    readonly epoch: Instant;
    /** Where its timestamps begin. */
    readonly shift90k: number;
    readonly behaviour?: Partial<Behaviour>;
  }) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#epoch = options.epoch;
    this.#shift90k = options.shift90k;
    this.#behaviour = { ...healthy, ...options.behaviour };
  }

  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  /** What is added to the clip's timestamps now, in 90 kHz ticks. */
  get shift90k(): number {
    return this.#shift90k;
  }

  /** Milliseconds since the clip began to play. */
  elapsed(): number {
    return between(this.#epoch, this.#clock.monotonic());
  }

  control(control: Control): void {
    const { jumpSeconds, ...changes } = control;
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    this.#behaviour = { ...this.#behaviour, ...given };
    if (jumpSeconds !== undefined) this.#shift90k += Math.round(jumpSeconds * 90_000);
    if (this.#behaviour.state === 'dead') this.#dropAll('died');
  }

  /** Takes a connection in, or undefined when the camera wants no more. */
  enter(viewer: Viewer, reel: Reel): Visit | undefined {
    const { state, second } = this.#behaviour;
    if (state === 'dead' || (second === 'refuse' && this.#guests.length > 0)) {
      this.#log.refused(this.name, state === 'dead' ? 'dead' : 'second connection');
      return undefined;
    }
    if (second === 'drop-first') this.#dropAll('another one came');
    const guest: Guest = { connection: this.#log.opened(this.name), viewer, reel, playing: false };
    this.#guests.push(guest);
    return {
      play: () => this.#play(guest),
      leave: (why) => this.#leave(guest, why),
    };
  }

  /** Sends what has become due. Cheap when nobody watches. */
  tick(): void {
    if (this.#guests.length === 0) return;
    for (const [reel, channel] of this.#channels) this.#send(reel, channel);
  }

  close(): void {
    this.#dropAll('closed');
  }

  #send(reel: Reel, channel: Channel): void {
    const due = piecesDue(reel, this.elapsed());
    const from = channel.next;
    if (due <= from) return;
    channel.next = due;
    const viewers = this.#guests.filter((guest) => guest.playing && guest.reel === reel);
    if (viewers.length === 0 || this.#behaviour.state !== 'alive') return;
    for (const part of renderSpan(reel, from, due, this.#stamp())) {
      for (const guest of viewers) this.#write(guest, part);
    }
  }

  #play(guest: Guest): void {
    if (guest.playing || !this.#guests.includes(guest)) return;
    this.#log.playing(this.name, guest.connection);
    const due = piecesDue(guest.reel, this.elapsed());
    const channel = this.#channels.get(guest.reel);
    if (channel === undefined) this.#channels.set(guest.reel, { next: due });
    else this.#send(guest.reel, channel);
    guest.playing = true;
    const { start, state } = this.#behaviour;
    if (start !== 'burst' || state !== 'alive') return;
    const from = keyPieceBefore(guest.reel, due);
    for (const part of renderSpan(guest.reel, from, due, this.#stamp())) this.#write(guest, part);
  }

  #write(guest: Guest, bytes: Uint8Array): void {
    if (guest.viewer.unsent <= mostUnsent) guest.viewer.write(bytes);
    else this.#drop(guest, 'too slow');
  }

  #stamp(): { shift90k: number; audio: boolean } {
    return { shift90k: this.#shift90k, audio: this.#behaviour.audio };
  }

  #leave(guest: Guest, why: string): void {
    this.#guests = this.#guests.filter((other) => other !== guest);
    this.#log.closed(this.name, guest.connection, why);
  }

  #drop(guest: Guest, why: string): void {
    this.#leave(guest, why);
    guest.viewer.drop();
  }

  #dropAll(why: string): void {
    for (const guest of [...this.#guests]) this.#drop(guest, why);
  }
}
