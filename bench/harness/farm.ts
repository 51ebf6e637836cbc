import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Lines } from '../../test/e2e/lines.ts';
import { end, startNode } from './own.ts';

const program = fileURLToPath(new URL('../../dist/demo/cameras/main.js', import.meta.url));
export const clipFolder = fileURLToPath(new URL('../../demo/clip', import.meta.url));

const announcement = z.object({ cameras: z.record(z.string(), z.string()), control: z.string() });
const eventSchema = z.object({
  camera: z.string(),
  event: z.enum(['open', 'play', 'close', 'refuse']),
  atMs: z.number(),
});

export type CameraEvent = z.infer<typeof eventSchema>;

/** Cameras in a process of their own; what they print of their connections is the outside view of who captures what. */
export class Farm {
  readonly urls: Readonly<Record<string, string>>;
  readonly lines: Lines;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number, lines: Lines, urls: Readonly<Record<string, string>>) {
    this.#child = child;
    this.pid = pid;
    this.lines = lines;
    this.urls = urls;
  }

  /** Each camera as `src/demo/cameras/main.ts` takes it. */
  static async start(cameras: readonly string[]): Promise<Farm> {
    const child = startNode([program, '--clip-dir', clipFolder, ...cameras], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null || child.pid === undefined) throw new Error('the cameras did not start');
    const lines = new Lines(child.stdout);
    const announced = await lines.next('the cameras', (line) => announcement.safeParse(JSON.parse(line)).data, {
      within: 60_000,
    });
    return new Farm(child, child.pid, lines, announced.cameras);
  }

  /** The first event of that kind of a camera, of those after the first `from` lines. */
  event(camera: string, event: CameraEvent['event'], from: number): Promise<CameraEvent> {
    const pick = (line: string): CameraEvent | undefined => {
      const parsed = eventSchema.safeParse(JSON.parse(line)).data;
      return parsed?.camera === camera && parsed.event === event ? parsed : undefined;
    };
    return this.lines.next(`${camera} ${event}`, pick, { from, within: 30_000 });
  }

  close(): Promise<void> {
    return end(this.#child);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
