// A media worker's thread: composition alone. Started by `spawn-worker.ts`, from built JavaScript.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../adapters/clock.ts';
import { NodeArchiveDisk } from '../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../adapters/disk/archive/node-checksums.ts';
import { nodeRunStore } from '../adapters/disk/run-files.ts';
import { lookupBy } from '../adapters/dns/lookup.ts';
import { askLookups } from '../adapters/dns/thread-lookups.ts';
import { ReadPace, standStill } from '../adapters/ingest/read-pace.ts';
import { createRunInput } from '../adapters/ingest/run-input.ts';
import { createLog } from '../adapters/log.ts';
import { randomNumber } from '../adapters/random.ts';
import { nodeDigest } from '../adapters/run-digest.ts';
import type { ThreadData } from '../adapters/spawn-worker.ts';
import { SyncTurns } from '../archive/recording/sync-turns.ts';
import { SlabPool } from '../capture/frames/slab.ts';
import { WriteBudget } from '../capture/run/write-budget.ts';
import type { WorkerCommand } from '../facts/protocol.ts';
import { assert } from '../units/assert.ts';
import type { StreamName } from '../units/ids.ts';
import { CaptureHost } from './capture-host.ts';

const port = parentPort;
assert(port !== null, 'this module runs in a worker thread');
const { scratch, log, bell, lookups } = workerData as ThreadData;

const runs = new Map<StreamName, number>();

function countRuns(stream: StreamName): number {
  const count = (runs.get(stream) ?? 0) + 1;
  runs.set(stream, count);
  return count;
}

const host = new CaptureHost({
  context: {
    runInput: createRunInput(
      systemClock,
      new ReadPace({ clock: systemClock, bell, wait: standStill }),
      lookupBy(askLookups(lookups)),
    ),
    clock: systemClock,
    random: randomNumber,
    store: nodeRunStore,
    budget: new WriteBudget(),
    slabs: new SlabPool(),
    digest: nodeDigest,
    archive: {
      disk: (root) => new NodeArchiveDisk(root),
      checksums: nodeChecksums,
      syncs: new SyncTurns(),
      budget: new WriteBudget(),
      ordinal: countRuns,
    },
    log: createLog(log),
  },
  scratch,
  offset: systemClock.wall() - Math.round(systemClock.monotonic() * 1_000),
  tell: (fact, transfer) => port.postMessage(fact, transfer === undefined ? [] : [transfer.buffer as ArrayBuffer]),
});
port.on('message', (command: WorkerCommand) => host.handle(command));
host.start();
