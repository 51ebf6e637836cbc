import type { MediaStatus } from '../../api/ports.ts';
import { maskedUrl } from '../../config/model/masked-url.ts';
import type { CapturePulse } from '../../facts/protocol.ts';
import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import { between, type Instant, type Millis, millis } from '../../units/time.ts';
import type { Capture } from './captures.ts';
import { ageNow } from './last-frames.ts';

/** The bit rate is that of so long: shorter jumps with every keyframe, longer hides a fault. */
const bitrateWindow = millis(5_000);

interface Reading {
  readonly at: Instant;
  readonly bytes: number;
}

/** A worker speaks once a second, and is not late by more than half of that while it is well. */
const pulseWithin = millis(1_500);

interface Entry {
  readonly readings: Reading[];
  /** As the last pulse told it. */
  lastFrameAge: Millis | undefined;
  damageTotal: number;
  lostSegmentsTotal: number;
}

/** What this server's own captures look like now, from the workers' pulses. */
export class MediaBoard {
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ages are of the last pulse: see `ageNow`. */
  pulse(capture: Capture, pulse: CapturePulse): void {
    const now = this.#clock.monotonic();
    const entry = this.#entries.get(capture.attempt) ?? newEntry();
    this.#entries.set(capture.attempt, entry);
    entry.damageTotal = pulse.damageTotal;
    entry.lostSegmentsTotal = pulse.lostSegmentsTotal;
    entry.lastFrameAge = pulse.lastFrameAgeMs;
    entry.readings.push({ at: now, bytes: pulse.bytesTotal });
    while (entry.readings[1] !== undefined && between(entry.readings[1].at, now) >= bitrateWindow)
      entry.readings.shift();
  }

  ended(capture: Capture): void {
    this.#entries.delete(capture.attempt);
  }

  status(capture: Capture): MediaStatus {
    const entry = this.#entries.get(capture.attempt);
    const [first, last] = [entry?.readings[0], entry?.readings.at(-1)];
    const source = capture.config.sources[capture.source];
    return {
      source: source === undefined ? '' : maskedUrl(source),
      lastFrameAge: this.#lastFrameAge(entry),
      bitrateBps: first === undefined || last === undefined ? undefined : bitrate(first, last),
      bytesTotal: last?.bytes ?? 0,
      damageTotal: entry?.damageTotal ?? 0,
      lostSegmentsTotal: entry?.lostSegmentsTotal ?? 0,
      tracks: capture.tracks,
    };
  }

  #lastFrameAge(entry: Entry | undefined): Millis | undefined {
    const told = entry?.readings.at(-1);
    if (told === undefined || entry?.lastFrameAge === undefined) return undefined;
    return ageNow(entry.lastFrameAge, between(told.at, this.#clock.monotonic()), pulseWithin);
  }
}

/** As it travels to the peers: what is captured, and what failed here lately. */
export type MediaReport = Readonly<Record<StreamName, StreamReport>>;

export interface StreamReport {
  readonly media?: MediaStatus;
  readonly error?: string;
  /** Of what failed here: since this server knows of a frame. */
  readonly lastFrameAge?: Millis;
}

function newEntry(): Entry {
  return { readings: [], lastFrameAge: undefined, damageTotal: 0, lostSegmentsTotal: 0 };
}

function bitrate(first: Reading, last: Reading): number | undefined {
  const span = between(first.at, last.at);
  return span <= 0 ? undefined : Math.max(0, Math.round(((last.bytes - first.bytes) * 8000) / span));
}
