import { type StreamName, streamName } from '../../units/ids.ts';
import type { Effect } from '../step/effect.ts';
import type { CaptureFact } from '../step/event.ts';
import type { Running, TestServer } from './test-server.ts';

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** Milliseconds from start to frames, from frames to ready, from stop to stopped, and between looks at a camera out of reach. */
const pace = { frames: 100, ready: 200, stopped: 10, again: 500 };

/** What the cameras' side needs of the group. */
export interface CameraSurroundings {
  readonly now: () => number;
  readonly later: (span: number, run: () => void) => void;
  readonly tell: (server: TestServer, stream: StreamName, attempt: number, fact: CaptureFact) => void;
  readonly say: (line: string) => void;
  readonly sourceTimeout: (stream: StreamName) => number;
}

/** The media side of all servers: inputs that tell their facts, and cameras that obey the test. */
export class TestCameras {
  /** `server>stream`: the server gets no frames from the camera. */
  readonly unreachable = new Set<string>();
  /** Servers that never get any. */
  readonly deaf = new Set<string>();
  /** Inputs find no common keyframe with their predecessors. */
  holdReady = false;
  readonly #around: CameraSurroundings;

  constructor(around: CameraSurroundings) {
    this.#around = around;
  }

  start(server: TestServer, effect: Of<'start'>): void {
    const { stream, attempt, from, behind, cause, source } = effect;
    if (server.running.has(stream)) throw new Error(`${server.name} starts ${stream} twice`);
    const told = `${behind === undefined ? '' : ` behind=${behind}`}${source === undefined ? '' : ` source=${source}`}`;
    this.#around.say(`${server.name} start ${stream} ${cause} from=${from ?? '-'}${told}`);
    const running: Running = { attempt, since: this.#around.now(), frames: false };
    server.running.set(stream, running);
    this.#tellIn(pace.frames, server, stream, running, { kind: 'frames' });
    if (from !== undefined) this.#tellIn(pace.frames + pace.ready, server, stream, running, { kind: 'ready' });
    this.#watch(server, stream, running, 'no frames');
  }

  stop(server: TestServer, effect: Of<'stop'>): void {
    const { stream, attempt, to, cause } = effect;
    this.#around.say(`${server.name} stop ${stream} ${cause} to=${to ?? '-'}`);
    if (server.running.get(stream)?.attempt !== attempt) throw new Error(`${server.name} does not run ${stream}`);
    server.running.delete(stream);
    this.#around.later(pace.stopped, () => this.#around.tell(server, stream, attempt, { kind: 'stopped' }));
  }

  /** The camera stops sending to this server. */
  lose(server: TestServer, name: string): void {
    this.unreachable.add(`${server.name}>${name}`);
    const stream = streamName(name);
    const running = server.running.get(stream);
    if (running === undefined) return;
    running.frames = false;
    this.#watch(server, stream, running, 'the camera is dead');
  }

  /** The camera sends to this server again. */
  find(server: TestServer, name: string): void {
    this.unreachable.delete(`${server.name}>${name}`);
    const stream = streamName(name);
    const running = server.running.get(stream);
    if (running === undefined || running.frames) return;
    running.frames = true;
    this.#around.tell(server, stream, running.attempt, { kind: 'frames' });
  }

  #tellIn(span: number, server: TestServer, stream: StreamName, running: Running, fact: CaptureFact): void {
    this.#around.later(span, () => {
      if (server.running.get(stream) !== running || this.deaf.has(server.name)) return;
      if (fact.kind === 'ready' && this.holdReady) return;
      if (this.unreachable.has(`${server.name}>${stream}`)) {
        this.#tellIn(pace.again, server, stream, running, fact);
        return;
      }
      if (fact.kind === 'frames') running.frames = true;
      this.#around.tell(server, stream, running.attempt, fact);
    });
  }

  #watch(server: TestServer, stream: StreamName, running: Running, error: string): void {
    this.#around.later(this.#around.sourceTimeout(stream), () => {
      if (server.running.get(stream) !== running || running.frames) return;
      this.#around.tell(server, stream, running.attempt, { kind: 'stalled', error });
    });
  }
}
