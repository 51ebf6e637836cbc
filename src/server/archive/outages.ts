import type { Drop } from '../../archive/recording/drops.ts';
import type { StreamName } from '../../units/ids.ts';
import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import { after, type Instant, millis } from '../../units/time.ts';

/** What of a stream is not in the archive, from the first drop to the last. */
export interface Outage {
  readonly stream: StreamName;
  readonly from: Ticks;
  readonly to: Ticks;
  /** That were captured and not recorded. */
  readonly seconds: number;
  readonly bytes: number;
  /** The last cause. */
  readonly why: string;
}

/** A capture tells what it drops every ten seconds: one that tells nothing for so long drops nothing, or is no more. */
const overAfter = millis(60_000);

/** Of one root: what its disk did not take, gathered until it takes something again. */
export class Outages {
  readonly #open = new Map<StreamName, { readonly outage: Outage; readonly told: Instant }>();

  /** Recordings suffer now. */
  get any(): boolean {
    return this.#open.size > 0;
  }

  add(stream: StreamName, drops: readonly Drop[], now: Instant): void {
    for (const { start, end, bytes, why } of drops) {
      const before = this.#open.get(stream)?.outage ?? { from: start, to: start, seconds: 0, bytes: 0 };
      const outage = {
        stream,
        from: ticks(Math.min(before.from, start)),
        to: ticks(Math.max(before.to, end)),
        seconds: before.seconds + (end - start) / timescale90k,
        bytes: before.bytes + bytes,
        why,
      };
      this.#open.set(stream, { outage, told: now });
    }
  }

  /** The stream's recording can be read up to there: the outage before it is over. */
  recorded(stream: StreamName, until: Ticks): Outage | undefined {
    const open = this.#open.get(stream)?.outage;
    if (open === undefined || until <= open.to) return undefined;
    this.#open.delete(stream);
    return open;
  }

  /** Those of streams that are captured here no more. */
  takeOver(now: Instant): Outage[] {
    const over = [...this.#open.values()]
      .filter(({ told }) => now >= after(told, overAfter))
      .map(({ outage }) => outage);
    for (const { stream } of over) this.#open.delete(stream);
    return over;
  }
}
