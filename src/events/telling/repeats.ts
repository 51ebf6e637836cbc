import type { Clock } from '../../units/clock.ts';
import { after, type Millis, millis } from '../../units/time.ts';
import { addLoss, type Loss } from './loss.ts';

/** A camera that flaps all night is a line every so often in the morning, not one for each of thousands of times. */
const gatheredFor = millis(300_000);

/** So often within that span is no flapping yet: away and back, twice. */
const toldAtOnce = 4;

/** What one thing did within a span. */
export interface Gathered {
  readonly times: number;
  readonly within: Millis;
  readonly loss: Loss;
}

interface Open {
  toldAtOnce: number;
  times: number;
  loss: Loss;
  tell: (gathered: Gathered) => void;
  readonly cancel: () => void;
}

/** Tells what happens at once, and gathers what happens again and again: every five minutes what came since, until little came. */
export class Repeats {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls exactly one: `once` now, or the newest `again` later for all that `key` did meanwhile. */
  happened(key: string, loss: Loss, once: () => void, again: (gathered: Gathered) => void): void {
    const open = this.#open.get(key) ?? this.#arm(key);
    if (open.toldAtOnce < toldAtOnce) {
      open.toldAtOnce++;
      once();
      return;
    }
    open.times++;
    open.loss = addLoss(open.loss, loss);
    open.tell = again;
  }

  /** Tells what is gathered so far. */
  close(): void {
    for (const [key, open] of this.#open) {
      open.cancel();
      this.#open.delete(key);
      tellOf(open);
    }
  }

  #arm(key: string): Open {
    const cancel = this.#clock.setTimer(after(this.#clock.monotonic(), gatheredFor), () => {
      const last = this.#open.get(key);
      this.#open.delete(key);
      if (last === undefined || last.times === 0) return;
      tellOf(last);
      // It flaps: nothing of it is told at once until a span goes by without.
      this.#arm(key).toldAtOnce = toldAtOnce;
    });
    const open: Open = { toldAtOnce: 0, times: 0, loss: { lostMs: 0 }, tell: () => {}, cancel };
    this.#open.set(key, open);
    return open;
  }
}

function tellOf({ times, loss, tell }: Open): void {
  if (times > 0) tell({ times, within: gatheredFor, loss });
}
