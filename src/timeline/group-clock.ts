import type { ServerName } from '../units/ids.ts';
import { between, type Instant, type Millis, millis, type UnixMicros, unixMicros } from '../units/time.ts';

/**
 * What a server tells of its clocks with an answer, all on its own monotonic clock, which never jumps. JSON-able.
 * An offset is UTC in microseconds minus the monotonic clock in microseconds.
 */
export interface ClockReading {
  /** When the request came and when the answer left, ms. */
  readonly receivedMs: number;
  readonly sentMs: number;
  /** Of its system clock, as it is now. */
  readonly systemOffset: number;
  /** Of the group's clock as it follows it; absent until it has captured by it in this life. */
  readonly groupOffset?: number;
}

/** Half a millisecond a second: 1 ms in a segment of 2 s, as much as a timeline follows, and five times what a quartz drifts. */
const slewPerSecondMicros = 500;

/** Newer samples of a peer; the one with the shortest round trip tells best how the two monotonic clocks lie. */
const samplesKept = 8;

/** A peer that has told nothing for so long has no say. */
const sampleLifetime = millis(60_000);

/** What is captured by the clock: nothing, only streams that this server captures for itself, or streams of the group. */
export type Captured = 'nothing' | 'own' | 'group';

interface Sample {
  /** The peer's monotonic clock minus one's own, ms, right to half of `roundTrip`. */
  readonly offsetMs: number;
  readonly roundTripMs: number;
  readonly at: Instant;
}

interface Peer {
  readonly samples: Sample[];
  latest: ClockReading;
}

/**
 * UTC of the group: this process's monotonic clock plus an offset agreed with the peers (their median). Adopted at once while nothing of
 * the group is captured, slewed later, so that a stepped or wrong system clock never moves the timeline. Pure: readings and times come in.
 */
export class GroupClock {
  readonly #peers = new Map<ServerName, Peer>();
  #systemOffset: number;
  #offset: number;
  #held = false;
  #adjustedAt: Instant;

  constructor(now: Instant, wall: UnixMicros) {
    this.#adjustedAt = now;
    this.#systemOffset = offsetOf(now, wall);
    this.#offset = this.#systemOffset;
  }

  /** UTC of the group minus the monotonic clock. */
  get offset(): UnixMicros {
    return unixMicros(Math.round(this.#offset));
  }

  utc(now: Instant): UnixMicros {
    return unixMicros(Math.round(this.#offset + now * 1000));
  }

  /** For the answer to a request that came at `receivedAt` and is answered `now`. */
  reading(receivedAt: Instant, now: Instant): ClockReading {
    const told = { receivedMs: receivedAt, sentMs: now, systemOffset: this.#systemOffset };
    return this.#held ? { ...told, groupOffset: this.#offset } : told;
  }

  /** A peer's reading, between one's own sending of the request and the answer's coming. */
  heard(peer: ServerName, reading: ClockReading, own: { readonly sent: Instant; readonly answered: Instant }): void {
    const roundTripMs = own.answered - own.sent - (reading.sentMs - reading.receivedMs);
    const offsetMs = (reading.receivedMs - own.sent + (reading.sentMs - own.answered)) / 2;
    const known = this.#peers.get(peer);
    // A machine that was started anew has another monotonic clock: the samples of the old one don't fit.
    const samples = (known?.samples ?? []).filter((s) => Math.abs(s.offsetMs - offsetMs) < maxDrift(s, roundTripMs));
    samples.push({ offsetMs, roundTripMs: Math.max(0, roundTripMs), at: own.answered });
    if (samples.length > samplesKept) samples.shift();
    this.#peers.set(peer, { samples, latest: reading });
  }

  /**
   * Moves the offset towards the agreed one: at once, but by slewing while segments of the group are cut by it. A server's own streams
   * don't hold it back from agreeing with its peers, for that must be done before it captures for the group; they follow each by its own slew.
   */
  adjust(now: Instant, wall: UnixMicros, captured: Captured): void {
    const seconds = between(this.#adjustedAt, now) / 1000;
    this.#adjustedAt = now;
    this.#systemOffset = offsetOf(now, wall);
    if (captured === 'nothing' || (captured === 'own' && this.#known(now, 'systemOffset').length > 0)) {
      // Those that capture go before: the group's timeline is theirs, whatever the system clocks say by now.
      this.#offset = median(this.#known(now, 'groupOffset')) ?? this.#agreed(now);
      return;
    }
    if (captured === 'group') this.#held = true;
    const wanted = this.#agreed(now) - this.#offset;
    const most = slewPerSecondMicros * seconds;
    this.#offset += Math.max(-most, Math.min(most, wanted));
  }

  /** The group's clock minus this server's system clock, as both were at the last `adjust`. */
  get ahead(): Millis {
    return millis((this.#offset - this.#systemOffset) / 1000);
  }

  /** The peer's system clock minus this one's; absent without a recent reading. */
  skew(peer: ServerName, now: Instant): Millis | undefined {
    const offset = this.#offsetHere(peer, now, 'systemOffset');
    return offset === undefined ? undefined : millis((offset - this.#systemOffset) / 1000);
  }

  #agreed(now: Instant): number {
    return median([this.#systemOffset, ...this.#known(now, 'systemOffset')]) ?? this.#systemOffset;
  }

  #known(now: Instant, which: 'systemOffset' | 'groupOffset'): number[] {
    return [...this.#peers.keys()].flatMap((peer) => this.#offsetHere(peer, now, which) ?? []);
  }

  /** A peer's clock as an offset to this server's monotonic clock. */
  #offsetHere(name: ServerName, now: Instant, which: 'systemOffset' | 'groupOffset'): number | undefined {
    const peer = this.#peers.get(name);
    const offset = peer?.latest[which];
    const best = peer?.samples.reduce((a, b) => (b.roundTripMs <= a.roundTripMs ? b : a));
    const newest = peer?.samples.at(-1);
    if (offset === undefined || best === undefined || newest === undefined) return undefined;
    if (between(newest.at, now) > sampleLifetime) return undefined;
    return offset + best.offsetMs * 1000;
  }
}

/** Two samples of one pair of clocks differ by their errors at most, and by a quartz's drift in a minute. */
function maxDrift(sample: Sample, roundTripMs: number): number {
  return (sample.roundTripMs + Math.max(0, roundTripMs)) / 2 + 10;
}

function offsetOf(now: Instant, wall: UnixMicros): number {
  return wall - now * 1000;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const other = sorted[Math.ceil(sorted.length / 2) - 1];
  return middle === undefined || other === undefined ? undefined : (middle + other) / 2;
}

/** A reading from another server, or undefined when it is none. */
export function parseClockReading(value: unknown): ClockReading | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { receivedMs, sentMs, systemOffset, groupOffset } = value as Record<string, unknown>;
  if (!isNumber(receivedMs) || !isNumber(sentMs) || !isNumber(systemOffset)) return undefined;
  const reading = { receivedMs, sentMs, systemOffset };
  return isNumber(groupOffset) ? { ...reading, groupOffset } : reading;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
