// ISO/IEC 13818-1 clause 2.4.3.6: PTS and DTS are 33 bits of a 90 kHz clock, spread over 5 bytes with marker bits.
import type { Ticks } from '../../units/ticks.ts';

/** The clock of PTS and DTS starts anew here: every 26.5 hours. */
export const timestampWrap = 2 ** 33;

/**
 * The moment nearest to `near` whose low 33 bits are `raw`. The only place where wraps are undone; `near` is the last
 * timestamp of any track of the program, so that audio and video cross a wrap together.
 */
export function unwrapTimestamp(raw: number, near: Ticks | undefined): Ticks {
  if (near === undefined) return raw as Ticks;
  const wraps = Math.round((near - raw) / timestampWrap);
  return (raw + wraps * timestampWrap) as Ticks;
}

/** The 33 bits of a moment, which may lie before zero. */
export function wrapTimestamp(value: number): number {
  return ((value % timestampWrap) + timestampWrap) % timestampWrap;
}

/** The five bytes at `at`. Marker bits are not judged: encoders get them wrong, and the packet's start is known already. */
export function readTimestamp(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) >> 1) & 7;
  const middle = ((bytes[at + 1] ?? 0) << 7) | ((bytes[at + 2] ?? 0) >> 1);
  const low = ((bytes[at + 3] ?? 0) << 7) | ((bytes[at + 4] ?? 0) >> 1);
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

/** `marker`: 2 for a PTS alone, 3 for a PTS in front of a DTS, 1 for the DTS. */
export function writeTimestamp(out: Uint8Array, at: number, value: number, marker: 1 | 2 | 3): void {
  const raw = wrapTimestamp(value);
  const high = Math.floor(raw / 2 ** 30);
  const rest = raw % 2 ** 30;
  out[at] = (marker << 4) | (high << 1) | 1;
  out[at + 1] = rest >> 22;
  out[at + 2] = ((rest >> 14) & 0xfe) | 1;
  out[at + 3] = (rest >> 7) & 255;
  out[at + 4] = ((rest << 1) & 0xfe) | 1;
}

/** The clock that all streams of a program share, on which wraps are undone. */
export class ProgramClock {
  #last: Ticks | undefined;

  unwrap(raw: number): Ticks {
    this.#last = unwrapTimestamp(raw, this.#last);
    return this.#last;
  }
}
