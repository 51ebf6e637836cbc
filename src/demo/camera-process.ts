import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemClock } from '../adapters/clock.ts';
import { AppError } from '../units/app-error.ts';
import { millis } from '../units/time.ts';
import type { Fleet } from './fleet.ts';
import type { DemoCamera } from './group-config.ts';

const camerasMain = fileURLToPath(new URL('./cameras/main.js', import.meta.url));
const clipFolder = fileURLToPath(new URL('../../demo/clip', import.meta.url));
const clips = ['lobby', 'gate', 'yard'];
const cameraCount = 12;
/** Enough of a log for an error and its place. */
const shownOfLog = 12;
const readyWithin = millis(15_000);

const announcement = z.object({ cameras: z.record(z.string(), z.string()) });

export interface Cameras {
  readonly urls: readonly DemoCamera[];
}

/** Starts the process that plays the cameras, half over RTSP and half over HTTP MPEG-TS, and waits until it says where. */
export async function startDemoCameras(fleet: Fleet, signal: AbortSignal): Promise<Cameras> {
  const specs = Array.from({ length: cameraCount }, (_, index) => {
    // Its picture says the same but for the number: several cameras play one clip.
    const clip = clips[index % clips.length];
    const name = `${clip}${Math.floor(index / clips.length) + 1}`;
    return `${name}=${index % 2 === 0 ? 'rtsp' : 'http'}:${clip}`;
  });
  fleet.start('cameras', [camerasMain, '--clip-dir', clipFolder, ...specs]);
  const cameras = await announced(fleet, AbortSignal.any([signal, AbortSignal.timeout(readyWithin)]));
  return { urls: Object.entries(cameras).map(([name, url]) => ({ name, url })) };
}

/** The process announces its ports as a line of JSON in its output. */
async function announced(fleet: Fleet, signal: AbortSignal): Promise<Record<string, string>> {
  for (;;) {
    const running = fleet.state('cameras') === 'running';
    const lines = await linesOf(fleet.logFile('cameras'));
    for (const line of lines) {
      const parsed = announcement.safeParse(parseJson(line));
      if (parsed.success) return parsed.data.cameras;
    }
    if (!running)
      throw new AppError('internal', `the cameras did not start: ${lines.slice(-shownOfLog).join(' ').trim()}`);
    await systemClock.sleep(millis(50), signal);
  }
}

async function linesOf(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    return (await file.readFile('utf8')).split('\n');
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
