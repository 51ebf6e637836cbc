import type { WorkerCommand, WorkerFact } from '../facts/protocol.ts';
import type { Clock } from '../units/clock.ts';
import type { Log } from '../units/log.ts';
import { after, between, type Instant, millis } from '../units/time.ts';
import type { PooledCapture } from './pooled-capture.ts';
import type { SpawnWorker, WorkerHandle, WorkerSettings } from './worker-port.ts';

/** Checks without a sign, one a second: well above what load does to a worker, well below `source_timeout`. */
const silenceLimit = 5;
/** Loading its modules on a busy machine takes a thread longer than a sign of life. */
const startLimit = 20;
/** A thread that is stuck in native code may not end at all; its successor doesn't wait for longer. */
const longestEnding = millis(2_000);
/** A worker that dies at once, again and again, is started again after so long, doubling up to the second. */
const firstPause = 100;
const longestPause = 5_000;
/** A life this long was sound. */
const soundLife = millis(60_000);
/** One that dies so often within `soundLife` dies of what it captures. */
const deathsToPart = 3;
/** Segments of a worker that died can still be asked for; longer than any playlist names them. */
const keptFolder = millis(60_000);

export interface WorkerSlotOptions {
  readonly spawn: SpawnWorker;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the n-th worker in this slot. */
  readonly settings: (life: number) => WorkerSettings;
  readonly removeFolder: (path: string) => Promise<void>;
  readonly fact: (fact: WorkerFact) => void;
  /** It dies again and again, and is gone at the moment: the time to move captures away, so that they don't die with it. */
  readonly part: (slot: WorkerSlot) => void;
}

/** One place for a worker: always has one, or is about to; keeps its captures over the lives of its threads. */
export class WorkerSlot {
  readonly captures = new Set<PooledCapture>();
  readonly #options: WorkerSlotOptions;
  #worker: WorkerHandle | undefined;
  #life = 0;
  #bornAt: Instant;
  #heard = false;
  #silent = 0;
  #pause = firstPause;
  /** Within `soundLife`. */
  #deaths: Instant[] = [];
  #deathsToPart = deathsToPart;
  #clockCommand: WorkerCommand | undefined;
  #cancelBirth: (() => void) | undefined;
  #closed = false;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.#bornAt = options.clock.monotonic();
    this.#spawn();
  }

  add(capture: PooledCapture): void {
    this.captures.add(capture);
    for (const command of capture.resume()) this.send(command);
  }

  remove(capture: PooledCapture): void {
    this.captures.delete(capture);
  }

  /** Lost while there is no worker: the next one is told all that counts. */
  send(command: WorkerCommand): void {
    this.#worker?.send(command);
  }

  setClock(command: WorkerCommand): void {
    this.#clockCommand = command;
    this.send(command);
  }

  /** Once a second. Counts the checks instead of the time, for a main thread that stood still has heard nobody. */
  check(): void {
    if (this.#worker === undefined) return;
    this.#silent += 1;
    if (this.#silent > (this.#heard ? silenceLimit : startLimit)) this.#replace('it gives no sign of life');
  }

  /** What is to blame is still among its captures or was moved away: the next death tells more. */
  suspect(): void {
    this.#deaths = [];
    this.#deathsToPart = 1;
    this.#pause = firstPause;
  }

  /** It is needed no more; what it published stays as long as what a dead one did. */
  async retire(): Promise<void> {
    if (this.#worker !== undefined) this.#keepFolderForAWhile(this.#life);
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelBirth?.();
    await this.#end(this.#worker);
  }

  #spawn(): void {
    const { spawn, settings, clock, fact } = this.#options;
    this.#life += 1;
    this.#heard = false;
    this.#silent = 0;
    this.#bornAt = clock.monotonic();
    const worker: WorkerHandle = spawn(settings(this.#life), {
      fact: (told) => {
        if (worker !== this.#worker) return;
        this.#heard = true;
        this.#silent = 0;
        fact(told);
      },
      died: (error) => {
        if (worker === this.#worker) this.#replace(error instanceof Error ? error.message : String(error));
      },
    });
    this.#worker = worker;
    if (this.#clockCommand !== undefined) worker.send(this.#clockCommand);
    this.#tellStopped();
    for (const capture of this.captures) for (const command of capture.resume()) worker.send(command);
  }

  #replace(reason: string): void {
    const { log, clock } = this.#options;
    const worker = this.#worker;
    this.#worker = undefined;
    log.error('a media worker failed and is replaced', { reason, captures: this.captures.size });
    this.#keepFolderForAWhile(this.#life);
    const now = clock.monotonic();
    if (between(this.#bornAt, now) > soundLife) {
      this.#pause = firstPause;
      this.#deathsToPart = deathsToPart;
    }
    this.#deaths = [...this.#deaths.filter((at) => between(at, now) <= soundLife), now];
    const pause = millis(this.#pause);
    this.#pause = Math.min(longestPause, this.#pause * 2);
    // Cameras with one connection must be rid of the old one first.
    void this.#end(worker).then(() => {
      if (this.#closed) return;
      this.#tellStopped();
      if (this.#deaths.length >= this.#deathsToPart) this.#options.part(this);
      if (this.#closed) return;
      this.#cancelBirth = clock.setTimer(after(clock.monotonic(), pause), () => this.#spawn());
    });
  }

  async #end(worker: WorkerHandle | undefined): Promise<void> {
    const cancel = new AbortController();
    const patience = this.#options.clock.sleep(longestEnding, cancel.signal).catch(() => undefined);
    await Promise.race([worker?.terminate().catch(() => undefined), patience]);
    cancel.abort();
  }

  /** With the thread its connections are gone, and nothing is left to be stopped. */
  #tellStopped(): void {
    for (const { stopping, stream, attempt } of [...this.captures]) {
      if (stopping) this.#options.fact({ type: 'stopped', stream, attempt });
    }
  }

  #keepFolderForAWhile(life: number): void {
    const { clock, settings, removeFolder, log } = this.#options;
    clock.setTimer(after(clock.monotonic(), keptFolder), () => {
      removeFolder(settings(life).scratch).catch((error: unknown) =>
        log.warn('a scratch folder stays behind', { error: String(error) }),
      );
    });
  }
}
