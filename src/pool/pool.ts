// The media workers, seen from the main thread.
//
//   const pool = await WorkerPool.open({ workers: defaultWorkers(), spawn: threadSpawner(find), scratch, folders, clock, log, onFact });
//   pool.send(command)     any command of protocol.ts; a capture is named by stream and attempt, which is never used twice
//   await pool.close()     closes every input, then the threads, and removes the scratch folder
//
// Send `clock` before the first `start`, and whenever the group's offset moved. `start` chooses the worker with the fewest captures.
//
// Facts of a capture come in this order: `tracks`, `frames` (first one, and again after each `stalled`), `init` before the first `segment`
// that needs it, segments in the order of their numbers, `source-used` and `source-failed` at their place among the segments, `mpegts`
// pieces at any time, `ready` (adopting captures; its segments up to the live edge are told before it), and `stopped` as the last one. A
// segment is told when its bytes can be read at its location, and its file stays for at least `keptSegments` further ones, or that many
// segment durations after the capture's end.
//
// A worker that dies or gives no sign for `silenceLimit` checks is replaced, and its captures are started again, with the same attempt and
// behind their last segment; nothing is told but what the new inputs tell. A capture that was stopping is told `stopped`. One that dies
// again and again dies of what it captures: its captures are parted, over workers made for it, until what is to blame is alone.

import type { WorkerCommand, WorkerFact } from '../facts/protocol.ts';
import type { Clock } from '../units/clock.ts';
import type { StreamName } from '../units/ids.ts';
import type { Log } from '../units/log.ts';
import { after, millis } from '../units/time.ts';
import { PooledCapture } from './pooled-capture.ts';
import { suspects } from './suspects.ts';
import type { SpawnWorker, WorkerSettings } from './worker-port.ts';
import { WorkerSlot } from './worker-slot.ts';

/** How often signs of life are counted; as often as they come. */
const checkEvery = millis(1_000);
/** What closing the inputs may take (a TEARDOWN to a camera) before the threads are ended with them. */
const longestGoodbye = millis(2_000);

/** Seven halvings find one among a hundred captures; a thread costs memory even when it does little. */
const mostApart = 8;

/** In a line of the log. */
const mostNamed = 10;

export interface WorkerPoolOptions {
  /** At least 1. */
  readonly workers: number;
  readonly spawn: SpawnWorker;
  /** An absolute path; its content is removed at the start and at the end. */
  readonly scratch: string;
  readonly folders: ScratchFolders;
  readonly clock: Clock;
  readonly log: Log;
  readonly workerLog: WorkerSettings['log'];
  readonly onFact: (fact: WorkerFact) => void;
}

/** The port to what workers leave behind. */
export interface ScratchFolders {
  /** With all that is in it, if it is there. */
  remove(path: string): Promise<void>;
}

type StartCommand = Extract<WorkerCommand, { type: 'start' }>;

/** Spreads captures over worker threads, and replaces a thread that fails. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: readonly WorkerSlot[];
  /** Made for captures of one that died again and again; each goes with the last of its captures. */
  readonly #apart = new Set<WorkerSlot>();
  #lastSlot = 0;
  #clockCommand: WorkerCommand | undefined;
  readonly #captures = new Map<number, PooledCapture>();
  #cancelCheck: (() => void) | undefined;
  #closing = false;
  #emptied: (() => void) | undefined;

  /** Removes what an earlier life left in the scratch folder, then starts the threads. */
  static async open(options: WorkerPoolOptions): Promise<WorkerPool> {
    await options.folders.remove(options.scratch);
    return new WorkerPool(options);
  }

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: Math.max(1, options.workers) }, () => this.#createSlot());
    this.#scheduleCheck();
  }

  send(command: WorkerCommand): void {
    switch (command.type) {
      case 'clock':
        this.#clockCommand = command;
        for (const slot of this.#all()) slot.setClock(command);
        break;
      case 'start':
        this.#start(command);
        break;
      default:
        this.#captureOf(command.stream, command.attempt)?.send(command);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelCheck?.();
    await this.#sayGoodbye();
    await Promise.all(this.#all().map((slot) => slot.close()));
    await this.#options.folders.remove(this.#options.scratch);
  }

  async #sayGoodbye(): Promise<void> {
    if (this.#captures.size === 0) return;
    const { clock } = this.#options;
    const cancel = new AbortController();
    const empty = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const { stream, attempt } of this.#captures.values()) this.send({ type: 'stop', stream, attempt });
    await Promise.race([empty, clock.sleep(longestGoodbye, cancel.signal).catch(() => undefined)]);
    cancel.abort();
  }

  #start(command: StartCommand): void {
    if (this.#closing || this.#captures.has(command.attempt)) return;
    const slot = this.#slots.reduce((least, other) => (other.captures.size < least.captures.size ? other : least));
    const capture = new PooledCapture(command, slot);
    this.#captures.set(command.attempt, capture);
    slot.add(capture);
  }

  #captureOf(stream: StreamName, attempt: number): PooledCapture | undefined {
    const capture = this.#captures.get(attempt);
    return capture?.stream === stream ? capture : undefined;
  }

  #all(): readonly WorkerSlot[] {
    return [...this.#slots, ...this.#apart];
  }

  /** The captures that may be to blame get a worker of their own; both are parted again if they die. */
  #part(slot: WorkerSlot): void {
    const moved = suspects([...slot.captures]);
    if (this.#closing || moved.length === 0 || this.#apart.size >= mostApart) return;
    const apart = this.#createSlot();
    this.#apart.add(apart);
    if (this.#clockCommand !== undefined) apart.setClock(this.#clockCommand);
    for (const capture of moved) capture.moveTo(apart);
    for (const either of [slot, apart]) either.suspect();
    const streams = moved.slice(0, mostNamed).map(({ stream }) => stream);
    this.#options.log.error('a media worker dies again and again: some of its captures get one of their own', {
      captures: moved.length,
      streams,
    });
  }

  #createSlot(): WorkerSlot {
    const { spawn, scratch, clock, log, workerLog, folders } = this.#options;
    const index = this.#lastSlot++;
    return new WorkerSlot({
      spawn,
      clock,
      log: log.child({ worker: index }),
      settings: (life) => ({ scratch: `${scratch}/${index}-${life}`, log: workerLog }),
      removeFolder: (path) => folders.remove(path),
      fact: (fact) => this.#onFact(fact),
      part: (slot) => this.#part(slot),
    });
  }

  #onFact(fact: WorkerFact): void {
    if ('attempt' in fact) {
      const capture = this.#captureOf(fact.stream, fact.attempt);
      if (capture === undefined) return;
      capture.note(fact);
      if (fact.type === 'stopped') this.#forget(capture);
    }
    this.#options.onFact(fact);
  }

  #forget(capture: PooledCapture): void {
    this.#captures.delete(capture.attempt);
    const { slot } = capture;
    slot.remove(capture);
    if (slot.captures.size === 0 && this.#apart.delete(slot)) void slot.retire();
    if (this.#captures.size === 0) this.#emptied?.();
  }

  #scheduleCheck(): void {
    const { clock } = this.#options;
    this.#cancelCheck = clock.setTimer(after(clock.monotonic(), checkEvery), () => {
      for (const slot of this.#all()) slot.check();
      this.#scheduleCheck();
    });
  }
}
