import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WorkerFact } from '../facts/protocol.ts';
import type { SpawnWorker, WorkerSettings } from '../worker/worker-port.ts';
import { ring } from './ingest/read-pace.ts';

/** More workers than cores wait for each other; beyond four, one machine's sources are limited by its network. */
const mostWorkers = 4;

/** What a thread is started with. */
export interface ThreadData extends WorkerSettings {
  /** Shared; rung with every message: a thread that rests between two looks at its sockets hears it at once. */
  readonly bell: Int32Array;
}

export function defaultWorkers(): number {
  return Math.max(1, Math.min(mostWorkers, availableParallelism()));
}

/** Starts a worker thread. Works from built JavaScript only: Node 20 starts no threads from TypeScript. */
export const spawnThread: SpawnWorker = (settings, events) => {
  const bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ThreadData = { ...settings, bell };
  const worker = new Worker(new URL('../thread/main.js', import.meta.url), { workerData });
  let ended = false;
  const die = (error: unknown): void => {
    if (ended) return;
    ended = true;
    events.died(error);
  };
  worker.on('message', (fact: WorkerFact) => events.fact(fact));
  worker.on('error', die);
  worker.on('exit', (code) => die(new Error(`the worker ended with code ${code}`)));
  return {
    send: (command) => {
      worker.postMessage(command);
      ring(bell);
    },
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
};
