import type { ServerName } from '../../units/ids.ts';
import { compareRunNames } from '../layout/run-name.ts';
import type { ArchivedRun } from './archived-run.ts';

/** A run and all who have it now. */
export interface HeldRun extends ArchivedRun {
  /** By name; never empty. */
  readonly holders: readonly ServerName[];
  /** On its way to its home. */
  readonly replicating: boolean;
}

/** What one server has of a stream. */
export interface Holding {
  readonly holder: ServerName;
  readonly runs: readonly ArchivedRun[];
  readonly replicating?: (run: ArchivedRun) => boolean;
}

/** Each run once, in order, whoever has it; of one that is known differently, what is known most of. */
export function heldRuns(holdings: readonly Holding[]): HeldRun[] {
  const all = holdings.flatMap(({ holder, runs, replicating }) => {
    const holders = [holder];
    return runs.map((run) => ({ run, holders, replicating: replicating?.(run) ?? false }));
  });
  all.sort((a, b) => compareRunNames(a.run, b.run));
  const found: HeldRun[] = [];
  for (let from = 0, to = 0; from < all.length; from = to) {
    const first = all[from];
    if (first === undefined) break;
    let { run, holders, replicating } = first;
    for (to = from + 1; to < all.length; to++) {
      const same = all[to];
      if (same === undefined || compareRunNames(same.run, run) !== 0) break;
      if (same.run.bytes > run.bytes) run = same.run;
      holders = [...new Set([...holders, ...same.holders])].sort();
      replicating ||= same.replicating;
    }
    found.push({ ...run, holders, replicating });
  }
  return found;
}
