import type { MediaStatus } from '../../api/ports.ts';
import type { CapturePulse } from '../../facts/protocol.ts';
import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { after, between, type Instant, type Millis, millis } from '../../units/time.ts';
import type { Capture } from './captures.ts';

/** The bit rate is that of so long: shorter jumps with every keyframe, longer hides a fault. */
const bitrateWindow = millis(5_000);

interface Reading {
  readonly at: Instant;
  readonly bytes: number;
}

interface Entry {
  readonly readings: Reading[];
  lastFrameAt: Instant | undefined;
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

  pulse(capture: Capture, pulse: CapturePulse): void {
    const now = this.#clock.monotonic();
    const entry = this.#entries.get(capture.attempt) ?? newEntry();
    this.#entries.set(capture.attempt, entry);
    entry.damageTotal = pulse.damageTotal;
    entry.lostSegmentsTotal = pulse.lostSegmentsTotal;
    if (pulse.lastFrameAgeMs !== undefined) entry.lastFrameAt = after(now, millis(-pulse.lastFrameAgeMs));
    entry.readings.push({ at: now, bytes: pulse.bytesTotal });
    while (entry.readings[1] !== undefined && between(entry.readings[1].at, now) >= bitrateWindow)
      entry.readings.shift();
  }

  ended(capture: Capture): void {
    this.#entries.delete(capture.attempt);
  }

  lastFrameAt(capture: Capture): Instant | undefined {
    return this.#entries.get(capture.attempt)?.lastFrameAt;
  }

  status(capture: Capture): MediaStatus {
    const entry = this.#entries.get(capture.attempt);
    const [first, last] = [entry?.readings[0], entry?.readings.at(-1)];
    return {
      source: maskUrl(capture.config.sources[capture.source]?.url ?? ''),
      lastFrameAge: ageOf(entry?.lastFrameAt, this.#clock.monotonic()),
      bitrateBps: first === undefined || last === undefined ? undefined : bitrate(first, last),
      bytesTotal: last?.bytes ?? 0,
      damageTotal: entry?.damageTotal ?? 0,
      lostSegmentsTotal: entry?.lostSegmentsTotal ?? 0,
      tracks: capture.tracks,
    };
  }
}

/** As it travels to the peers: what is captured, and what failed here lately. */
export type MediaReport = Readonly<Record<StreamName, StreamReport>>;

export interface StreamReport {
  readonly media?: MediaStatus;
  readonly error?: string;
}

function newEntry(): Entry {
  return { readings: [], lastFrameAt: undefined, damageTotal: 0, lostSegmentsTotal: 0 };
}

function bitrate(first: Reading, last: Reading): number | undefined {
  const span = between(first.at, last.at);
  return span <= 0 ? undefined : Math.max(0, Math.round(((last.bytes - first.bytes) * 8000) / span));
}

function ageOf(at: Instant | undefined, now: Instant): Millis | undefined {
  return at === undefined ? undefined : between(at, now);
}
