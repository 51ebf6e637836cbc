import type { WorkerCommand, WorkerFact } from '../facts/protocol.ts';

/** What a worker is started with; structured-cloned. */
export interface WorkerSettings {
  /** A folder of its own, absolute. */
  readonly scratch: string;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug'; readonly readable: boolean };
}

/** A running media worker, seen from the main thread. */
export interface WorkerHandle {
  send(command: WorkerCommand): void;
  /** Resolves when the thread is gone, with all its connections. */
  terminate(): Promise<void>;
}

export interface WorkerEvents {
  readonly fact: (fact: WorkerFact) => void;
  /** It ended without having been told to; called once at most. */
  readonly died: (error: unknown) => void;
}

/** The port to threads. */
export type SpawnWorker = (settings: WorkerSettings, events: WorkerEvents) => WorkerHandle;
