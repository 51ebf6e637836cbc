import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFrameCode } from '../../src/demo/cameras/frame-code.ts';

/** Without ffmpeg these tests are skipped, visibly; CI installs it and fails instead. */
export const ffmpegMissing = !hasFfmpeg();

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
  readonly complaints: string[];
  readonly exitCode: number | null;
}

/** Width of the one line of grey pixels that is read of every picture. */
const lineWidth = 64;
const harmless = /duplicated MOOV|^Last message repeated/i;

/** ffmpeg as a client of `url`, decoding until `signal` aborts or the input ends. */
export class FfmpegClient {
  readonly numbers: (number | undefined)[] = [];
  readonly #child: ReturnType<typeof spawn>;
  readonly #complaints: string[] = [];
  readonly #waiting = new Set<() => void>();
  #rest = Buffer.alloc(0);

  constructor(url: string, inputOptions: readonly string[] = []) {
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
        '-an',
        '-vf',
        `crop=iw:2:0:18,scale=${lineWidth}:1:flags=area,setsar=1`,
        '-fps_mode',
        'passthrough',
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        'pipe:1',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child.stdout?.on('data', (data: Buffer) => this.#take(data));
    this.#child.stderr?.on('data', (data: Buffer) => this.#complaints.push(...data.toString().split('\n')));
    this.#child.once('exit', () => this.#wake());
  }

  /** Resolves when this many pictures have been decoded in all; rejects when ffmpeg ended before. */
  async decoded(count: number): Promise<void> {
    while (this.numbers.length < count) {
      if (this.#child.exitCode !== null)
        throw new Error(`ffmpeg ended after ${this.numbers.length} pictures: ${this.#heard().join('; ')}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Ends ffmpeg if it still runs and tells what it read. */
  async end(): Promise<FfmpegReading> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    return { numbers: this.numbers, complaints: this.#heard(), exitCode: this.#child.exitCode };
  }

  #heard(): string[] {
    return this.#complaints.filter(
      (line) => line.trim() !== '' && !harmless.test(line.trim()) && !/duplicated MOOV/.test(line),
    );
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
  let missing = 0;
  for (let i = 1; i < numbers.length; i++) {
    const step = ((numbers[i] ?? Number.NaN) - (numbers[i - 1] ?? Number.NaN) + length) % length;
    missing += step - 1;
  }
  return missing;
}
