import { Capture, type CaptureContext } from '../capture/capture.ts';
import type { CaptureFactBody } from '../capture/publish/publisher.ts';
import type { WorkerCommand, WorkerFact } from '../facts/protocol.ts';
import { unreachable } from '../units/assert.ts';
import type { StreamName } from '../units/ids.ts';
import { after, millis } from '../units/time.ts';

/** The pool counts missing pulses; a worker under load is late, but not by several of these. */
const pulseEvery = millis(1_000);

type CaptureCommand = Exclude<WorkerCommand, { type: 'clock' | 'start' }>;

type Tell = (fact: WorkerFact, transfer?: Uint8Array) => void;

export interface CaptureHostOptions {
  readonly context: Omit<CaptureContext, 'offset'>;
  /** Holds the run files of this worker, each capture's in a folder of its own. */
  readonly scratch: string;
  /** UTC of the group less the monotonic clock, microseconds, until the first `clock`. */
  readonly offset: number;
  readonly tell: Tell;
}

/** The captures of one worker. */
export class CaptureHost {
  readonly #options: CaptureHostOptions;
  readonly #captures = new Map<string, Capture>();
  #offset: number;
  #cancelPulse: (() => void) | undefined;
  #folders = 0;

  constructor(options: CaptureHostOptions) {
    this.#options = options;
    this.#offset = options.offset;
  }

  start(): void {
    this.#options.tell({ type: 'pulse', captures: [...this.#captures.values()].map((capture) => capture.pulse()) });
    const { clock } = this.#options.context;
    this.#cancelPulse = clock.setTimer(after(clock.monotonic(), pulseEvery), () => this.start());
  }

  handle(command: WorkerCommand): void {
    if (command.type === 'clock') this.#setClock(command.offset);
    else if (command.type === 'start') this.#begin(command);
    else this.#guarded(command, this.#captures.get(key(command.stream, command.attempt)));
  }

  /** Ends the pulse and every capture; doesn't wait. */
  close(): void {
    this.#cancelPulse?.();
    for (const capture of this.#captures.values()) capture.stop();
  }

  /** A fault of this program met by one capture's command ends that capture's connection, not the worker with all the others. */
  #guarded(command: CaptureCommand, capture: Capture | undefined): void {
    try {
      this.#pass(command, capture);
    } catch (error) {
      this.#options.context.log.error('a capture failed', { stream: command.stream, error: describe(error) });
      capture?.fail(error);
    }
  }

  #pass(command: CaptureCommand, capture: Capture | undefined): void {
    switch (command.type) {
      case 'stop':
        capture?.stop(command.publishRest);
        break;
      case 'adopt':
        capture?.adopt(command.segments);
        break;
      case 'own-timeline':
        capture?.ownTimeline(command);
        break;
      case 'shown':
        capture?.leapBehind(command.number);
        break;
      case 'archive':
        capture?.useArchive(command.archive);
        break;
      case 'sources':
        capture?.useSources(command.sources);
        break;
      case 'mpegts':
        capture?.wantMpegts(command.wanted);
        break;
      default:
        unreachable(command);
    }
  }

  #setClock(offset: number): void {
    this.#offset = offset;
    for (const capture of this.#captures.values()) capture.followClock(offset);
  }

  #begin(command: Extract<WorkerCommand, { type: 'start' }>): void {
    const { stream, attempt, adopting, source = 0, archive } = command;
    const name = key(stream.name, attempt);
    if (this.#captures.has(name)) return;
    const { context, scratch, tell } = this.#options;
    this.#folders += 1;
    const capture = new Capture(
      { ...context, offset: () => this.#offset, log: context.log.child({ stream: stream.name }) },
      {
        stream,
        attempt,
        adopting,
        place: command,
        source,
        archive,
        folder: `${scratch}/${this.#folders}`,
        tell: (fact, transfer) => tell(named(fact, stream.name, attempt), transfer),
        tellArchive: (fact) => tell(fact),
      },
    );
    this.#captures.set(name, capture);
    void capture.run().finally(() => this.#captures.delete(name));
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function key(stream: StreamName, attempt: number): string {
  return `${attempt} ${stream}`;
}

function named(fact: CaptureFactBody, stream: StreamName, attempt: number): WorkerFact {
  return { ...fact, stream, attempt };
}
