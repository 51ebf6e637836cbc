import type { FirstPlace, WorkerCommand, WorkerFact } from '../facts/protocol.ts';
import type { StreamName } from '../units/ids.ts';
import type { WorkerSlot } from './worker-slot.ts';

type StartCommand = Extract<WorkerCommand, { type: 'start' }>;
type CaptureCommand = Exclude<WorkerCommand, { type: 'clock' | 'start' }>;

/** What the pool remembers of a capture, so that another worker can go on with it. */
export class PooledCapture {
  #slot: WorkerSlot;
  #start: StartCommand;
  #adopting: boolean;
  /** Behind the capture's last segment, for a worker that is gone publishes no more, or behind what its predecessor published. */
  #place: FirstPlace | undefined;
  /** The one that gives media, if it is known. */
  #source: { readonly source: number } | undefined;
  #stopping = false;
  #mpegts = false;
  /** In the present life of its worker. */
  #hasFrames = false;
  #adopt: CaptureCommand | undefined;

  constructor(start: StartCommand, slot: WorkerSlot) {
    this.#start = start;
    this.#adopting = start.adopting;
    this.#slot = slot;
  }

  get slot(): WorkerSlot {
    return this.#slot;
  }

  get stream(): StreamName {
    return this.#start.stream.name;
  }

  get attempt(): number {
    return this.#start.attempt;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Whether its source gave frames to the present worker, or, while there is none, to the last. */
  get hasFrames(): boolean {
    return this.#hasFrames;
  }

  /** To a worker that begins it anew; to be called when the one that had it is gone. */
  moveTo(slot: WorkerSlot): void {
    this.#slot.remove(this);
    this.#slot = slot;
    slot.add(this);
  }

  send(command: CaptureCommand): void {
    if (command.type === 'stop') this.#stopping = true;
    if (command.type === 'mpegts') this.#mpegts = command.wanted;
    if (command.type === 'adopt' || command.type === 'own-timeline') this.#adopt = command;
    if (command.type === 'archive') this.#start = { ...this.#start, archive: command.archive };
    if (command.type === 'sources') this.#useSources(command.sources);
    if (command.type === 'own-timeline' && this.#adopting) this.#place = placeOf(command);
    this.#slot.send(command);
  }

  #useSources(sources: StartCommand['stream']['sources']): void {
    this.#start = { ...this.#start, stream: { ...this.#start.stream, sources } };
  }

  /** A fact of this capture passes by. */
  note(fact: WorkerFact): void {
    if (fact.type === 'source-used') this.#source = { source: fact.source };
    if (fact.type === 'frames') this.#hasFrames = true;
    if (fact.type === 'ready') this.#adopting = false;
    if (fact.type !== 'segment') return;
    const { number, start, duration } = fact.segment;
    this.#place = { notBefore: start + duration, numberAfter: number, isLast: true };
  }

  /** What brings another worker to where this capture was. */
  resume(): WorkerCommand[] {
    this.#hasFrames = false;
    const { stream, attempt } = this;
    const commands: WorkerCommand[] = [{ ...this.#start, adopting: this.#adopting, ...this.#place, ...this.#source }];
    if (this.#adopting && this.#adopt !== undefined) commands.push(this.#adopt);
    if (this.#mpegts) commands.push({ type: 'mpegts', stream, attempt, wanted: true });
    return commands;
  }
}

function placeOf({ notBefore, numberAfter, isLast = false }: FirstPlace): FirstPlace {
  return { notBefore, numberAfter, isLast };
}
