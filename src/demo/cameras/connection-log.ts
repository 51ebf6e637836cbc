import type { UnixMicros } from '../../units/time.ts';

/** One line of the judge's record; `at` in milliseconds since 1970. */
export interface ConnectionEvent {
  readonly camera: string;
  readonly connection: number;
  readonly event: 'open' | 'play' | 'close' | 'refuse';
  readonly atMs: number;
  /** How many connections the camera has after this event. */
  readonly open: number;
  readonly why?: string;
}

export interface ConnectionCount {
  /** Connections that have named the camera and are not closed. */
  readonly open: number;
  /** Those of them to which media is sent. */
  readonly playing: number;
  /** Since the start or the last `forget`. */
  readonly mostOpen: number;
  readonly total: number;
  readonly refused: number;
}

interface Tally {
  open: Set<number>;
  playing: Set<number>;
  mostOpen: number;
  total: number;
  refused: number;
}

/** The oldest events go first; a long demonstration must not grow. */
const mostEvents = 20_000;

/**
 * The judge of "captured once": who was connected to which camera, and when. A connection counts from the first request that names
 * the camera, not only while it plays, for a camera's slot is taken by then.
 */
export class ConnectionLog {
  readonly #tallies = new Map<string, Tally>();
  readonly #wall: () => UnixMicros;
  readonly #onEvent: (event: ConnectionEvent) => void;
  #events: ConnectionEvent[] = [];
  #lastConnection = 0;

  constructor(wall: () => UnixMicros, onEvent: (event: ConnectionEvent) => void = () => {}) {
    this.#wall = wall;
    this.#onEvent = onEvent;
  }

  opened(camera: string): number {
    const tally = this.#tally(camera);
    const connection = ++this.#lastConnection;
    tally.open.add(connection);
    tally.total++;
    tally.mostOpen = Math.max(tally.mostOpen, tally.open.size);
    this.#record(camera, connection, 'open');
    return connection;
  }

  playing(camera: string, connection: number): void {
    this.#tally(camera).playing.add(connection);
    this.#record(camera, connection, 'play');
  }

  closed(camera: string, connection: number, why: string): void {
    const tally = this.#tally(camera);
    if (!tally.open.delete(connection)) return;
    tally.playing.delete(connection);
    this.#record(camera, connection, 'close', why);
  }

  refused(camera: string, why: string): void {
    this.#tally(camera).refused++;
    this.#record(camera, ++this.#lastConnection, 'refuse', why);
  }

  count(camera: string): ConnectionCount {
    const tally = this.#tally(camera);
    return {
      open: tally.open.size,
      playing: tally.playing.size,
      mostOpen: tally.mostOpen,
      total: tally.total,
      refused: tally.refused,
    };
  }

  /** Events not older than `sinceMs` (milliseconds since 1970), the oldest first. */
  history(sinceMs = 0): readonly ConnectionEvent[] {
    return this.#events.filter((event) => event.atMs >= sinceMs);
  }

  /** Starts `mostOpen` anew from what is open now: for a test that judges what comes next. */
  forget(): void {
    for (const tally of this.#tallies.values()) tally.mostOpen = tally.open.size;
  }

  #tally(camera: string): Tally {
    const known = this.#tallies.get(camera);
    if (known !== undefined) return known;
    const tally: Tally = { open: new Set(), playing: new Set(), mostOpen: 0, total: 0, refused: 0 };
    this.#tallies.set(camera, tally);
    return tally;
  }

  #record(camera: string, connection: number, event: ConnectionEvent['event'], why?: string): void {
    const open = this.#tally(camera).open.size;
    const line = { camera, connection, event, atMs: this.#wall() / 1000, open, ...(why === undefined ? {} : { why }) };
    this.#events.push(line);
    if (this.#events.length > mostEvents) this.#events = this.#events.slice(mostEvents / 2);
    this.#onEvent(line);
  }
}
