import type { CaptureFact } from '../../../src/cluster/step/event.ts';
import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { hash, type Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { Camera } from './camera.ts';
import { Input, type InputOwner, type MediaOptions } from './input.ts';

/** How many media workers a process has; a stream stays with one. */
const workersPerProcess = 2;

/** A message from a worker to the main thread. */
const postMs = 0.2;

export interface MediaPorts {
  readonly host: ServerName;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly media: MediaOptions;
  camera(stream: StreamName): Camera;
  /** The process is neither frozen nor gone. */
  running(): boolean;
  adoptable(stream: StreamName, from: ServerName): boolean;
  /** A fact for the core, by way of the process's main thread. */
  fact(input: Input, fact: CaptureFact): void;
  flow(input: Input, flows: boolean): void;
}

/** The media side of one life of a process: its inputs, in workers that may hang. */
export class MediaSide {
  readonly #ports: MediaPorts;
  readonly #owner: InputOwner;
  readonly #inputs = new Map<StreamName, Input>();
  readonly #closing = new Set<Input>();
  readonly #hung = new Set<number>();
  #wellSince = 0;

  constructor(ports: MediaPorts) {
    this.#ports = ports;
    const { host, schedule, random, media } = ports;
    this.#owner = {
      host,
      schedule,
      random,
      media,
      running: (stream) => ports.running() && !this.#hung.has(workerOf(stream)),
      adoptable: (stream, from) => ports.adoptable(stream, from),
      fact: (input, fact) => {
        if (fact.kind === 'stopped') this.#closing.delete(input);
        schedule.in(postMs, () => ports.fact(input, fact));
      },
      flow: (input, flows) => ports.flow(input, flows),
    };
  }

  start(start: { stream: StreamName; attempt: number; from: ServerName | undefined; sourceTimeoutMs: number }): void {
    const input = new Input(this.#owner, this.#ports.camera(start.stream), start);
    this.#inputs.set(start.stream, input);
    input.open();
  }

  stop(stream: StreamName): void {
    const input = this.#inputs.get(stream);
    if (input === undefined) return;
    this.#inputs.delete(stream);
    this.#closing.add(input);
    input.close();
  }

  input(stream: StreamName): Input | undefined {
    return this.#inputs.get(stream);
  }

  inputs(): Input[] {
    return [...this.#inputs.values()];
  }

  refresh(stream?: StreamName): void {
    for (const input of this.#all()) if (stream === undefined || input.stream === stream) input.refresh();
    if (stream === undefined) for (const input of this.#closing) input.finishClosing();
  }

  /** The worker stands still; the process misses its signs of life and replaces it `replaceAfterMs` later. */
  hang(worker: number, replaceAfterMs: number): void {
    if (this.#hung.has(worker)) return;
    this.#hung.add(worker);
    this.refresh();
    this.#ports.schedule.in(replaceAfterMs, () => {
      this.#hung.delete(worker);
      this.#wellSince = this.#ports.schedule.now;
      for (const input of this.#all()) if (workerOf(input.stream) === worker) input.restart();
    });
  }

  /** Since when no worker hangs; infinite while one does. */
  get wellSince(): number {
    return this.#hung.size > 0 ? Number.POSITIVE_INFINITY : this.#wellSince;
  }

  abandon(how: 'reset' | 'silent'): void {
    for (const input of this.#all()) input.abandon(how);
    this.#inputs.clear();
    this.#closing.clear();
  }

  #all(): Input[] {
    return [...this.#inputs.values(), ...this.#closing];
  }
}

function workerOf(stream: StreamName): number {
  return hash(stream) % workersPerProcess;
}
