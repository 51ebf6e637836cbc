import { nodeScratchFolders } from '../../adapters/disk/run-folders.ts';
import type { Find } from '../../adapters/dns/lookup.ts';
import type { LogOptions } from '../../adapters/log.ts';
import { defaultWorkers, threadSpawner } from '../../adapters/spawn-worker.ts';
import type { WorkerFact } from '../../facts/protocol.ts';
import { WorkerPool } from '../../pool/pool.ts';
import type { Clock } from '../../units/clock.ts';
import type { Log } from '../../units/log.ts';

/** Starts the media workers; their files lie in `folder`. */
export function openPool(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly workerLog: Pick<LogOptions, 'level' | 'readable'>;
  /** Addresses of sources. */
  readonly find: Find;
  readonly onFact: (fact: WorkerFact) => void;
}): Promise<WorkerPool> {
  return WorkerPool.open({
    workers: defaultWorkers(),
    spawn: threadSpawner(options.find),
    scratch: `${options.folder}/scratch`,
    folders: nodeScratchFolders,
    clock: options.clock,
    log: options.log,
    workerLog: options.workerLog,
    onFact: options.onFact,
  });
}
