import { SlabPool } from '../../src/capture/frames/slab.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import type { RunInput } from '../../src/capture/source/input.ts';
import type { StreamConfig } from '../../src/config/model/config.ts';
import { WorkerPool } from '../../src/pool/pool.ts';
import type { SpawnWorker } from '../../src/pool/worker-port.ts';
import { Captures } from '../../src/server/media/captures.ts';
import { OwnWindows } from '../../src/server/media/own-windows.ts';
import { AppError } from '../../src/units/app-error.ts';
import { serverName, streamName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import { CaptureHost } from '../../src/worker/capture-host.ts';
import { ClipCamera, demoClip } from '../support/clip-camera.ts';
import { ManualClock, ms } from '../support/manual-clock.ts';
import { MemoryRunStore } from '../support/memory-run-store.ts';
import { noArchive } from '../support/no-archive.ts';
import { silentLog } from '../support/silent-log.ts';
import { type MediaRig, mediaContract } from './media-contract.ts';

mediaContract('real', makeRig);

const clip = demoClip('gate');
const host = serverName('a');
const cam = streamName('cam');

/** Threads that are none: the real code of a worker behind messages, which a hung or dead one neither takes nor sends. */
class Threads {
  readonly #clock: ManualClock;
  readonly #runInput: RunInput;
  #mute: () => void = () => undefined;
  #die: () => void = () => undefined;

  constructor(clock: ManualClock, runInput: RunInput) {
    this.#clock = clock;
    this.#runInput = runInput;
  }

  hang(): void {
    this.#mute();
  }

  die(): void {
    this.#mute();
    this.#die();
  }

  readonly spawn: SpawnWorker = ({ scratch }, { fact, died }) => {
    let open = true;
    const host = new CaptureHost({
      context: {
        runInput: this.#runInput,
        clock: this.#clock,
        random: () => 0.5,
        store: new MemoryRunStore(),
        budget: new WriteBudget(),
        slabs: new SlabPool(),
        digest: () => 'digest',
        archive: noArchive(),
        log: silentLog,
      },
      scratch,
      offset: 1_800_000_000_000_000,
      tell: (told) => queueMicrotask(() => open && fact(told)),
    });
    host.start();
    this.#mute = () => {
      open = false;
    };
    this.#die = () => {
      host.close();
      died(new Error('out of memory'));
    };
    return {
      send: (command) => queueMicrotask(() => open && host.handle(command)),
      terminate: async () => {
        open = false;
        host.close();
      },
    };
  };
}

async function makeRig(sourceTimeoutMs: number): Promise<MediaRig> {
  const clock = new ManualClock();
  const facts: MediaRig['facts'][number][] = [];
  const camera = new ClipCamera(clock, clip);
  let silent = false;
  const input: RunInput = (request) =>
    camera.input()({ ...request, sink: { ...request.sink, frame: (frame) => silent || request.sink.frame(frame) } });
  const threads = new Threads(clock, input);
  let captures: Captures | undefined;
  const pool = await WorkerPool.open({
    workers: 1,
    spawn: threads.spawn,
    scratch: '/scratch',
    folders: { remove: async () => undefined },
    clock,
    log: silentLog,
    workerLog: { level: 'info', readable: false },
    // A pulse may come before the captures are made.
    onFact: (fact) => captures?.onFact(fact),
  });
  const made = makeCaptures(clock, pool, millis(sourceTimeoutMs), (kind) =>
    facts.push({ at: clock.monotonic(), kind }),
  );
  captures = made;
  const pass = (span: number): Promise<void> => clock.advance(ms(span));
  return {
    facts,
    start: () => made.start({ stream: cam, attempt: 1, from: undefined, standIn: false }),
    stop: () => made.stop({ stream: cam, attempt: 1 }),
    refuse: () => camera.break(new AppError('source-refused', 'nobody listens')),
    silence: () => {
      silent = true;
    },
    mend: () => {
      silent = false;
      camera.mend();
    },
    hang: () => threads.hang(),
    keepDying: async (span) => {
      for (let passed = 0; passed < span; passed += 500) {
        threads.die();
        await pass(500);
      }
    },
    pass,
  };
}

function makeCaptures(
  clock: ManualClock,
  pool: WorkerPool,
  sourceTimeout: StreamConfig['sourceTimeout'],
  fact: (kind: MediaRig['facts'][number]['kind']) => void,
): Captures {
  return new Captures({
    pool,
    archive: () => undefined,
    windows: new OwnWindows(host, clock),
    config: (name) => ({
      name,
      sources: [{ url: 'file:///clip.ts', protocol: 'file' }],
      clusterIngest: undefined,
      sourceTimeout,
      segmentDuration: millis(2_000),
      dvr: undefined,
    }),
    fact: (_stream, _attempt, { kind }) => fact(kind),
    follow: async () => undefined,
    lastWindow: async () => undefined,
    lastPublished: () => ({ end: undefined, number: undefined, targetDuration: undefined }),
    clock,
    utc: () => clock.wall(),
    observer: {
      started() {},
      mpegts() {},
      segment() {},
      steppedOn() {},
      sourceUsed() {},
      sourceFailed() {},
      pulse() {},
      ended() {},
    },
  });
}
