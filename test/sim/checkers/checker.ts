import type { Observation } from '../observation.ts';
import type { Promises } from '../promises.ts';
import type { World } from '../world.ts';

/** Holds one promise of the core to the truth of the world; throws a `Finding`. */
interface Checker {
  observe?(observation: Observation): void;
  /** Every `lookEveryMs` of simulated time. */
  look?(now: number): void;
}

export type MakeChecker = (world: World, promises: Promises) => Checker;

/** Fine enough for bounds of some hundred milliseconds. */
export const lookEveryMs = 50;
