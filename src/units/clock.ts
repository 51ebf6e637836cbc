import type { Instant, Millis, UnixMicros } from './time.ts';

/** The port to time: `adapters/clock.ts` in production, a manual clock in tests. */
export interface Clock {
  /** One clock for all threads of the process. */
  monotonic(): Instant;
  /** This machine's UTC: may be wrong, may jump. */
  wall(): UnixMicros;
  /** Runs `fire` once at `at`, or as soon as possible when that has passed; the returned function cancels. */
  setTimer(at: Instant, fire: () => void): () => void;
  /** Rejects with the signal's reason when aborted. */
  sleep(span: Millis, signal?: AbortSignal): Promise<void>;
}
