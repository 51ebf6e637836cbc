import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import { drawOptions } from './options.ts';
import { runWorld } from './run.ts';

/** What a world of this seed shows of the real core: nothing, or the finding with its story. */
export function findingOf(seed: number): string {
  const { finding, recent } = runWorld(drawOptions(seed), createClusterCore);
  if (finding === undefined) return '';
  return [`seed ${seed}: ${finding.checker}: ${finding.message}`, ...recent].join('\n');
}
