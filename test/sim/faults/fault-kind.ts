import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** One thing that goes wrong, now. */
export interface Fault {
  readonly text: string;
  readonly lastsMs: number;
  /** Makes it right again; called once, at the latest when the world heals. */
  readonly end: () => void;
}

export interface FaultKind {
  readonly name: string;
  /** The mean time between two of them is drawn from this range, per world. */
  readonly everyMs: readonly [number, number];
  /** Undefined when there is nothing to break. */
  strike(world: World, random: Random): Fault | undefined;
}

/** Spans on both sides of every time-out that the core has. */
export function spanMs(random: Random): number {
  return random.logBetween(100, 30_000);
}
