import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { InputRequest, RunInput } from '../../capture/source/input.ts';
import { type Frame, ownFrame } from '../../media/frame.ts';
import { TsDemuxer } from '../../media/mpegts/demuxer.ts';
import type { Damage, MediaSink, Track, UnsupportedTrack } from '../../media/track.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { between } from '../../units/time.ts';
import { FileLoop } from './file-loop.ts';
import { sourceError } from './source-error.ts';

/** Read at once; its frames are held until they are due. */
const portionBytes = 64 * 1024;

/** `file://`: a transport stream on this machine, played in real time and from the start again when it is over. */
export function fileInput(clock: Clock): RunInput {
  return async (request) => {
    const player = new Player(request, clock);
    try {
      const path = fileURLToPath(request.source.url);
      for (;;) await playOnce(path, player, request);
    } catch (error) {
      if (!request.signal.aborted) throw sourceError(error, request.source.url);
    }
  };
}

async function playOnce(path: string, player: Player, { source, signal }: InputRequest): Promise<void> {
  const before = player.played;
  const demuxer = new TsDemuxer(player);
  for await (const portion of createReadStream(path, { highWaterMark: portionBytes, signal })) {
    demuxer.push(new Uint8Array(portion));
    await player.play();
  }
  demuxer.flush();
  await player.play();
  // Without this a file of anything else would be read round and round at full speed.
  if (player.played === before) throw new AppError('source-unsupported', `${maskUrl(source.url)} has no frames`);
  player.rewind();
}

/** Holds what the demuxer found in one portion, then hands it on at its time. */
class Player implements MediaSink {
  readonly #request: InputRequest;
  readonly #clock: Clock;
  readonly #loop: FileLoop;
  #found: (Frame | readonly [readonly Track[], readonly UnsupportedTrack[]])[] = [];
  #announced: unknown;
  /** Frames handed on. */
  played = 0;

  constructor(request: InputRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#loop = new FileLoop(clock.monotonic());
  }

  tracks(...tracks: [readonly Track[], readonly UnsupportedTrack[]]): void {
    this.#found.push(tracks);
  }

  frame(frame: Frame): void {
    this.#found.push(ownFrame(frame));
  }

  damage(damage: Damage): void {
    this.#request.sink.damage(damage);
  }

  async play(): Promise<void> {
    const found = this.#found;
    this.#found = [];
    for (const item of found) {
      if ('units' in item) await this.#play(item);
      else this.#announce(item);
    }
  }

  rewind(): void {
    this.#loop.rewind();
  }

  async #play(recorded: Frame): Promise<void> {
    const { frame, due } = this.#loop.place(recorded);
    const wait = between(this.#clock.monotonic(), due);
    if (wait > 0) await this.#clock.sleep(wait, this.#request.signal);
    this.#request.signal.throwIfAborted();
    this.#request.sink.frame(frame);
    this.played++;
  }

  /** Each loop finds the tracks anew; only a change is told. */
  #announce(tracks: readonly [readonly Track[], readonly UnsupportedTrack[]]): void {
    if (isDeepStrictEqual(tracks, this.#announced)) return;
    this.#announced = tracks;
    this.#loop.tracks(tracks[0]);
    this.#request.sink.tracks(...tracks);
  }
}
