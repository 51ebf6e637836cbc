import type { ArchivedRun } from '../catalogue/archived-run.ts';
import type { RunIndex } from '../index/run-index.ts';
import type { Span } from '../span/span.ts';
import { chooseRuns } from './choose-runs.ts';
import { cutPieces, type Gap, type IndexedLeg, type Piece } from './cut-pieces.ts';

/** Undefined when nobody has it, or what they have is none. */
export type IndexOf<R> = (run: R) => Promise<RunIndex | undefined>;

/**
 * What is played for a span, of the runs that overlap it. A run whose index can't be had is left out, and others take its place where
 * there are any.
 */
export async function findPieces<R extends ArchivedRun>(
  runs: readonly R[],
  span: Span,
  indexOf: IndexOf<R>,
): Promise<(Piece<R> | Gap)[]> {
  let usable = runs;
  for (;;) {
    const legs = chooseRuns(usable, span);
    const loaded = await Promise.all(legs.map(async (leg) => ({ leg, index: await indexOf(leg.run) })));
    const indexed = loaded.filter((one): one is IndexedLeg<R> => one.index !== undefined);
    if (indexed.length === loaded.length) return cutPieces(indexed, span);
    const without = new Set(loaded.filter(({ index }) => index === undefined).map(({ leg }) => leg.run));
    usable = usable.filter((run) => !without.has(run));
  }
}
