import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { readFrameCode } from '../../src/demo/cameras/frame-code.ts';
import { missing } from './missing.ts';

export const ffmpegMissing = missing('ffmpeg', hasFfmpeg());

function hasFfmpeg(): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface FfmpegReading {
  /** The clip's frame number of every decoded picture, in order; undefined where the picture carries none. */
  readonly numbers: (number | undefined)[];
  /** What ffmpeg complained of, a line each, without what it says of every live fMP4. */
  readonly complaints: readonly string[];
  readonly exitCode: number | null;
}

/** Width of the one line of grey pixels that is read of every picture. */
const lineWidth = 64;
const harmless = /^$|duplicated MOOV|^Last message repeated/i;

/**
 * For HLS: ffmpeg keeps its connection to a segment's server and complains ("Cannot reuse HTTP connection for different host") whenever
 * a redirect leads elsewhere, as ours do on purpose.
 */
export const withoutKeepAlive = ['-http_persistent', '0'];

/** ffmpeg as a client of `url`, decoding until it is ended or the input ends. `audio`: decode that too. */
export class FfmpegClient implements AsyncDisposable {
  readonly numbers: (number | undefined)[] = [];
  readonly #child: ReturnType<typeof spawn>;
  readonly #complaints: string[] = [];
  readonly #waiting = new Set<() => void>();
  #rest = Buffer.alloc(0);

  constructor(url: string, inputOptions: readonly string[] = [], audio = false) {
    this.#child = spawn(
      'ffmpeg',
      [
        '-hide_banner',
        '-nostdin',
        '-loglevel',
        'warning',
        ...inputOptions,
        '-i',
        url,
        '-map',
        '0:v',
        '-vf',
        `crop=iw:2:0:18,scale=${lineWidth}:1:flags=area,setsar=1`,
        '-fps_mode',
        'passthrough',
        // Finer than a frame: times that differ by a millisecond from the frame rate's are no fault.
        '-enc_time_base',
        '1:90000',
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        'pipe:1',
        ...(audio ? ['-map', '0:a', '-f', 'null', '-'] : []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child.stdout?.on('data', (data: Buffer) => this.#take(data));
    if (this.#child.stderr === null) throw new Error('no standard error');
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.#complaints.push(line));
    this.#child.once('exit', () => this.#wake());
  }

  /** So far, a line each, without what it says of every live fMP4. */
  get complaints(): readonly string[] {
    return this.#complaints.filter((line) => !harmless.test(line.trim()));
  }

  /** Resolves when this many pictures have been decoded in all; rejects when ffmpeg ended before. */
  async decoded(count: number): Promise<void> {
    while (this.numbers.length < count) {
      if (this.#child.exitCode !== null)
        throw new Error(`ffmpeg ended after ${this.numbers.length} pictures: ${this.complaints.join('; ')}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves when so many more pictures have been decoded. */
  decodesOn(count: number): Promise<void> {
    return this.decoded(this.numbers.length + count);
  }

  /** Ends ffmpeg if it still runs and tells what it read. */
  async end(): Promise<FfmpegReading> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    return { numbers: this.numbers, complaints: this.complaints, exitCode: this.#child.exitCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #take(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= lineWidth) {
      this.numbers.push(readFrameCode(this.#rest.subarray(0, lineWidth)));
      this.#rest = this.#rest.subarray(lineWidth);
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** How many frame numbers are missing between neighbours, over a clip of `length` frames that starts again; NaN where one is unreadable. */
export function missingFrames(numbers: readonly (number | undefined)[], length: number): number {
  return holesIn(numbers, length).reduce((sum, { missing: count }) => sum + count, 0);
}

/** Where frame numbers are missing, and how many; NaN where one is unreadable. */
export function holesIn(
  numbers: readonly (number | undefined)[],
  length: number,
): { readonly before: number; readonly missing: number }[] {
  const holes: { before: number; missing: number }[] = [];
  for (let i = 1; i < numbers.length; i++) {
    const step = ((numbers[i] ?? Number.NaN) - (numbers[i - 1] ?? Number.NaN) + length) % length;
    if (step !== 1) holes.push({ before: i, missing: step - 1 });
  }
  return holes;
}

export interface Probed {
  /** Of each stream: `h264`, `aac`. */
  readonly codecs: readonly string[];
  readonly complaints: readonly string[];
}

/** What ffprobe finds at `url`. */
export async function ffprobe(url: string, inputOptions: readonly string[] = []): Promise<Probed> {
  const show = ['-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
  const { stdout, stderr } = await execa('ffprobe', ['-v', 'warning', ...inputOptions, ...show, url]);
  const lines = (text: string): string[] => text.split('\n').filter((line) => !harmless.test(line.trim()));
  return { codecs: [...new Set(lines(stdout))].sort(), complaints: lines(stderr) };
}
