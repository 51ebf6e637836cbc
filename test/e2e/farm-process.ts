import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Control } from '../../src/demo/cameras/behaviour.ts';
import { Lines } from './lines.ts';

const program = fileURLToPath(new URL('../../dist/demo/cameras/main.js', import.meta.url));
const clips = fileURLToPath(new URL('../../demo/clip', import.meta.url));

const announcement = z.object({ cameras: z.record(z.string(), z.string()), control: z.string() });
const countSchema = z.object({
  open: z.number(),
  playing: z.number(),
  mostOpen: z.number(),
  total: z.number(),
  refused: z.number(),
});
const connectionsSchema = z.object({ connections: z.record(z.string(), countSchema) });
const eventSchema = z.object({
  camera: z.string(),
  event: z.enum(['open', 'play', 'close', 'refuse']),
  atMs: z.number(),
  open: z.number(),
});

export type CameraEvent = z.infer<typeof eventSchema>;
export type CameraCount = z.infer<typeof countSchema>;

/** The cameras of a test as a process of their own: the judge of "captured once". */
export class FarmProcess {
  readonly urls: Readonly<Record<string, string>>;
  readonly lines: Lines;
  readonly #child: ChildProcess;
  readonly #controlUrl: string;

  private constructor(child: ChildProcess, lines: Lines, announced: z.infer<typeof announcement>) {
    this.#child = child;
    this.lines = lines;
    this.urls = announced.cameras;
    this.#controlUrl = announced.control;
  }

  /** Each camera as `NAME=http:CLIP` or `NAME=rtsp:CLIP`. */
  static async start(cameras: readonly string[]): Promise<FarmProcess> {
    const child = spawn(process.execPath, [program, '--clip-dir', clips, ...cameras], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = new Lines(child.stdout);
    const announced = await lines.next('the cameras', (line) => announcement.safeParse(JSON.parse(line)).data);
    return new FarmProcess(child, lines, announced);
  }

  async connections(): Promise<Readonly<Record<string, CameraCount>>> {
    const response = await fetch(`${this.#controlUrl}/connections`);
    return connectionsSchema.parse(await response.json()).connections;
  }

  /** Changes a camera's behaviour; see `src/demo/cameras/behaviour.ts`. */
  async control(camera: string, control: Control): Promise<void> {
    const body = JSON.stringify(control);
    const response = await fetch(`${this.#controlUrl}/cameras/${camera}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${camera} can't be made so: ${await response.text()}`);
  }

  /** What was logged behind the first `from` lines. */
  events(from = 0): CameraEvent[] {
    return this.lines.all.slice(from).flatMap((line) => eventSchema.safeParse(JSON.parse(line)).data ?? []);
  }

  /** The next event of that kind of a camera, of those after the first `from` lines. */
  event(camera: string, event: CameraEvent['event'], from: number): Promise<CameraEvent> {
    return this.lines.next(
      `${camera} ${event}`,
      (line) => {
        const parsed = eventSchema.safeParse(JSON.parse(line)).data;
        return parsed?.camera === camera && parsed.event === event ? parsed : undefined;
      },
      { from },
    );
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
