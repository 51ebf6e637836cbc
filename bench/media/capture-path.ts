import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDigest } from '../../src/adapters/run-digest.ts';
import { Capture } from '../../src/capture/capture.ts';
import { SlabPool } from '../../src/capture/frames/slab.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import type { InputRequest } from '../../src/capture/source/input.ts';
import { readClip } from '../../src/demo/cameras/clip.ts';
import { type RtpReel, rtpReel } from '../../src/demo/cameras/rtp-reel.ts';
import { describeReel } from '../../src/demo/cameras/rtsp-sdp.ts';
import { RtspParser } from '../../src/media/rtsp/parser.ts';
import { parseSdp } from '../../src/media/rtsp/sdp.ts';
import { SessionMedia, TrackChoice } from '../../src/media/rtsp/session-media.ts';
import { streamName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import { noArchive } from '../../test/support/no-archive.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { writeBenchClip } from '../capture/clip.ts';
import { clipFolder } from '../harness/farm.ts';
import { ownFolder } from '../harness/own.ts';
import { SteppedClock } from './stepped-clock.ts';

/** A reel piece is a frame; each arrives by itself, as from a camera. */
interface Arrival {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

/** The whole way of a stream inside a worker, from interleaved bytes to what is handed to the disk. Only sockets and files are left out. */
export class CapturePath {
  readonly seconds: number;
  readonly byteLength: number;
  readonly #loops: readonly (readonly Arrival[])[];
  readonly #sdp: string;

  /** `loops` of the bench clip. */
  constructor(bitsPerSecond: number, loops: number) {
    const path = join(ownFolder(), 'clip.ts');
    writeBenchClip(join(clipFolder, 'gate.ts'), path, bitsPerSecond);
    const clip = readClip(new Uint8Array(readFileSync(path)));
    const reel = rtpReel(clip);
    this.#loops = Array.from({ length: loops }, (_, loop) => arrivalsOf(reel, loop));
    this.#sdp = describeReel(clip, reel, { parameterSets: true });
    this.seconds = (loops * reel.loop) / 1000;
    this.byteLength = this.#loops.flat().reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Runs it once. Returns how many segments were told. */
  async run(): Promise<number> {
    const clock = new SteppedClock();
    let segments = 0;
    const capture = new Capture(
      {
        runInput: (request) => this.#play(request, clock),
        clock,
        random: () => 0.5,
        store: { create: async () => nowhere, remove: async () => undefined },
        budget: new WriteBudget(),
        slabs: new SlabPool(),
        digest: nodeDigest,
        archive: noArchive(),
        offset: () => 1_800_000_000_000_000,
        log: silentLog,
      },
      {
        stream: {
          name: streamName('bench'),
          sources: [{ url: 'rtsp://bench', protocol: 'rtsp' }],
          clusterIngest: undefined,
          sourceTimeout: millis(10_000),
          segmentDuration: millis(2_000),
          dvr: undefined,
        },
        attempt: 1,
        adopting: false,
        place: { notBefore: undefined },
        folder: '/nowhere',
        tell: (fact) => {
          if (fact.type === 'segment') segments += 1;
          if (fact.type === 'stalled') capture.stop();
        },
        tellArchive: () => undefined,
      },
    );
    await capture.run();
    return segments;
  }

  async #play(request: InputRequest, clock: SteppedClock): Promise<void> {
    const description = parseSdp(this.#sdp);
    const media = new SessionMedia(request.sink, 1);
    const { wanted } = new TrackChoice(description?.tracks ?? []);
    media.open(
      wanted.map((track, i) => ({ track, channel: 2 * i })),
      [],
    );
    const parser = new RtspParser({
      message: () => undefined,
      data: (channel, bytes, from, to) => media.data(channel, bytes, from, to, clock.monotonic()),
      stray: () => undefined,
    });
    for (const arrivals of this.#loops) {
      for (const { afterMs, bytes } of arrivals) {
        clock.move(millis(afterMs));
        parser.push(bytes);
        // The turn in which writes go on.
        if (afterMs > 0) await undefined;
      }
    }
    // Silence makes the capture tell that it is stalled, which is what ends it here.
    clock.move(millis(10_001));
    if (!request.signal.aborted) throw new Error('the capture does not end');
  }
}

const nowhere = { append: async () => undefined, close: async () => undefined };

function arrivalsOf(reel: RtpReel, loop: number): Arrival[] {
  const dueAt = [...reel.dueAt];
  return dueAt.map((due, i) => ({
    afterMs: i === 0 ? (loop === 0 ? 0 : reel.loop - (dueAt.at(-1) ?? 0)) : due - (dueAt[i - 1] ?? 0),
    bytes: reel.render(i, i + 1, { loop, shift90k: 0, audio: true }),
  }));
}
