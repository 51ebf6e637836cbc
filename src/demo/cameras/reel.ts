import type { Millis } from '../../units/time.ts';

/** What a loop adds to the clip's own timestamps, and what is left out. */
export interface Stamp {
  /** How often the clip has been played before; counters such as sequence numbers go on from there. */
  readonly loop: number;
  /** Added to every timestamp, in 90 kHz ticks. */
  readonly shift90k: number;
  readonly audio: boolean;
}

/**
 * A clip cut once into the bytes of a protocol, in pieces that are due at a moment of the loop. What goes out is a function of the
 * position alone, so that every connection to a camera gets the same bytes, as from a real one, whoever watched before.
 */
export interface Reel {
  readonly loop: Millis;
  /** When each piece is due, in milliseconds from the start of the loop; ascending. */
  readonly dueAt: Float64Array;
  /** Pieces with which a decoder can start; ascending, the first is 0. */
  readonly keyPieces: readonly number[];
  /** A new buffer with the pieces `from` (included) to `to` of one loop. */
  render(from: number, to: number, stamp: Stamp): Uint8Array;
}

/** Pieces counted from the camera's start over all loops: how many are due after `elapsed`. */
export function piecesDue(reel: Reel, elapsed: number): number {
  const loop = Math.floor(elapsed / reel.loop);
  const rest = elapsed - loop * reel.loop;
  return loop * reel.dueAt.length + countUpTo(reel.dueAt, rest);
}

/** The newest piece before `piece` with which a decoder can start. */
export function keyPieceBefore(reel: Reel, piece: number): number {
  const perLoop = reel.dueAt.length;
  const loop = Math.floor(piece / perLoop);
  const within = piece - loop * perLoop;
  const key = reel.keyPieces.findLast((candidate) => candidate < within);
  if (key !== undefined) return loop * perLoop + key;
  return Math.max(0, (loop - 1) * perLoop + (reel.keyPieces.at(-1) ?? 0));
}

/** Pieces `from` to `to`, counted over all loops; a span over a loop's end is rendered in parts. */
export function renderSpan(
  reel: Reel,
  from: number,
  to: number,
  options: { readonly shift90k: number; readonly audio: boolean },
): Uint8Array[] {
  const perLoop = reel.dueAt.length;
  const parts: Uint8Array[] = [];
  for (let at = from; at < to; ) {
    const loop = Math.floor(at / perLoop);
    const end = Math.min(to, (loop + 1) * perLoop);
    parts.push(reel.render(at - loop * perLoop, end - loop * perLoop, { loop, ...options }));
    at = end;
  }
  return parts;
}

function countUpTo(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
