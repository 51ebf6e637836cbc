// A media worker's thread: composition alone. Started by `spawn-thread.ts`, from built JavaScript.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../adapters/clock.ts';
import { nodeRunStore } from '../adapters/disk/run-files.ts';
import { createRunInput } from '../adapters/ingest/run-input.ts';
import { createLog } from '../adapters/log.ts';
import { randomNumber } from '../adapters/random.ts';
import { nodeDigest } from '../adapters/run-digest.ts';
import { SlabPool } from '../capture/frames/slab.ts';
import { WriteBudget } from '../capture/run/write-budget.ts';
import type { WorkerCommand } from '../facts/protocol.ts';
import { assert } from '../units/assert.ts';
import type { WorkerSettings } from '../worker/worker-port.ts';
import { CaptureHost } from './capture-host.ts';

const port = parentPort;
assert(port !== null, 'this module runs in a worker thread');
const { scratch, log } = workerData as WorkerSettings;

const host = new CaptureHost({
  context: {
    runInput: createRunInput(systemClock),
    clock: systemClock,
    random: randomNumber,
    store: nodeRunStore,
    budget: new WriteBudget(),
    slabs: new SlabPool(),
    digest: nodeDigest,
    log: createLog(log),
  },
  scratch,
  offset: systemClock.wall() - Math.round(systemClock.monotonic() * 1_000),
  tell: (fact, transfer) => port.postMessage(fact, transfer === undefined ? [] : [transfer.buffer as ArrayBuffer]),
});
port.on('message', (command: WorkerCommand) => host.handle(command));
host.start();
