import type { Clock } from '../units/clock.ts';
import { after, type Instant, instant, type Millis, type UnixMicros, unixMicros } from '../units/time.ts';

/** setTimeout overflows (and fires at once) beyond 2^31-1 ms; longer waits are taken in steps of a day. */
const longestTimeoutMs = 86_400_000;

/** The real clock. `hrtime` has one origin for all threads, which `performance.now` has not. */
export const systemClock: Clock = {
  monotonic(): Instant {
    return instant(Number(process.hrtime.bigint()) / 1e6);
  },

  wall(): UnixMicros {
    return unixMicros(Math.round((performance.timeOrigin + performance.now()) * 1000) + wallCorrection());
  },

  setTimer(at: Instant, fire: () => void): () => void {
    const arm = (left: number): NodeJS.Timeout =>
      setTimeout(look, Math.min(Math.max(0, Math.ceil(left)), longestTimeoutMs));
    // The event loop counts in whole milliseconds of its own and may be early by a part of one.
    const look = (): void => {
      const left = at - systemClock.monotonic();
      if (left <= 0) fire();
      else timer = arm(left);
    };
    let timer = arm(at - systemClock.monotonic());
    return () => clearTimeout(timer);
  },

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = systemClock.setTimer(after(systemClock.monotonic(), span), () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};

/** `timeOrigin` is fixed at start; what the system clock was stepped since then is the difference, in whole milliseconds. */
function wallCorrection(): number {
  const stepped = Math.round(Date.now() - (performance.timeOrigin + performance.now()));
  return Math.abs(stepped) > 2 ? stepped * 1000 : 0;
}
