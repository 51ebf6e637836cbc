import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { WorkerFact } from '../facts/protocol.ts';
import type { SpawnWorker, WorkerSettings } from '../pool/worker-port.ts';
import type { Find } from './dns/lookup.ts';
import { answerLookups } from './dns/thread-lookups.ts';
import { ring } from './ingest/read-pace.ts';

/** More workers than cores wait for each other; beyond four, one machine's sources are limited by its network. */
const mostWorkers = 4;

/** What a thread is started with. */
export interface ThreadData extends WorkerSettings {
  /** Shared; rung with every message: a thread that rests between two looks at its sockets hears it at once. */
  readonly bell: Int32Array;
  /** Where it asks for the addresses of names. */
  readonly lookups: MessagePort;
}

export function defaultWorkers(): number {
  return Math.max(1, Math.min(mostWorkers, availableParallelism()));
}

/** Starts worker threads, which ask `find` for the addresses of names. Works from built JavaScript only: Node 20 starts no threads from TypeScript. */
export function threadSpawner(find: Find): SpawnWorker {
  return (settings, events) => {
    const bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const { port1, port2 } = new MessageChannel();
    answerLookups(port1, find, () => ring(bell));
    const workerData: ThreadData = { ...settings, bell, lookups: port2 };
    const worker = new Worker(new URL('../worker/main.js', import.meta.url), { workerData, transferList: [port2] });
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
}
