// RFC 3550 clause 5.1: RTP timestamps have 32 bits and start anywhere.
import { type Ticks, ticks } from '../../units/ticks.ts';

const span = 2 ** 32;

/** Undoes the wrap: each timestamp is the one nearest to that before. */
export class RtpTimestamps {
  #last: number | undefined;

  unwrap(timestamp: number): Ticks {
    const value = this.peek(timestamp);
    this.#last = value;
    return value;
  }

  /** The same without taking it as the newest. */
  peek(timestamp: number): Ticks {
    const last = this.#last ?? timestamp;
    const step = (((timestamp - last) % span) + span) % span;
    return ticks(last + (step < span / 2 ? step : step - span));
  }
}
