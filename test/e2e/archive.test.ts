import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ffmpegMissing } from '../support/ffmpeg.ts';
import { TestGroup, until } from './harness.ts';

async function recordings(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.mp4')).sort();
}

/** Finer than a frame: times that differ by a millisecond from the frame rate's are no fault. */
const asTheyCome = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];

/** Decode times of its pictures, seconds. */
async function decodeTimes(file: string): Promise<number[]> {
  const show = ['-select_streams', 'v', '-show_entries', 'packet=dts_time', '-of', 'csv=p=0'];
  const { stdout } = await execa('ffprobe', ['-v', 'error', ...show, file]);
  return stdout.split('\n').map(Number.parseFloat);
}

/** What ffmpeg has to say against a file or an address, and how much of it there is, in seconds. */
async function played(file: string): Promise<{ readonly complaints: string; readonly seconds: number }> {
  const { stderr } = await execa('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, ...asTheyCome, '-f', 'null', '-']);
  const { stdout } = await execa('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'format=duration',
    '-of',
    'csv=p=0',
    file,
  ]);
  return { complaints: stderr, seconds: Number(stdout) };
}

describe.skipIf(ffmpegMissing)('a stream with dvr', () => {
  it('is recorded; what a kill -9 left is mended by the next start, plays without a complaint, and recording goes on', async () => {
    await using group = await TestGroup.start({
      servers: 1,
      cameras: ['cam1=http:lobby'],
      textFor: async (_, text) => text.replace('cluster_ingest', `dvr "${archiveOf(text)}" 7d; cluster_ingest`),
    });
    const archive = join(dirname(group.configFile), 'archive');
    await group.settled();
    const verified = async (): Promise<string> => (await group.cli('archive', 'verify', archive)).output;
    await until('some seconds to be recorded', async () => {
      const { output } = await group.cli('archive', 'list', archive, '--json');
      return recordedSeconds(output) > 6;
    });
    group.server('s1').signal('SIGKILL');
    await group.server('s1').exited();
    group.startServer('s1', join(dirname(group.configFile), 's1.conf'));
    await group.server('s1').logged('the archive is read', ({ msg }) => msg === 'the archive is read');
    await until('a second recording', async () => (await recordings(archive)).length === 2);
    const [first = ''] = await recordings(archive);
    const { complaints, seconds } = await played(join(archive, first));
    expect(complaints).toBe('');
    expect(seconds).toBeGreaterThan(5);
    const times = await decodeTimes(join(archive, first));
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0))).toBe(true);
    // From the first recording into the second, over the gap between them.
    const from = Math.floor(Number(/\d{13}/.exec(first)?.[0]) / 1_000);
    await until('both recordings to be listed', async () => {
      const list = await (await fetch(`${group.server('s1').url}/cam1/archive-${from}-600.m3u8`)).text();
      return list.split('#EXT-X-DISCONTINUITY\n').length === 2 && list.includes('#EXT-X-PLAYLIST-TYPE:EVENT');
    });
    const past = await played(`${group.server('s1').url}/cam1/archive-${from}-5.m3u8`);
    expect(past.complaints).toBe('');
    expect(past.seconds).toBeGreaterThan(3);
    expect(await verified()).not.toMatch(/damage|lost|torn/);
  });
});

function archiveOf(text: string): string {
  const [, folder = ''] = /state_dir "(.*)\/\$\{name\}"/.exec(text) ?? [];
  return join(folder, 'archive');
}

/** Of `archive list --json`. */
const listedSchema = z.object({
  streams: z.array(z.object({ intervals: z.array(z.object({ fromMs: z.number(), toMs: z.number() })) })),
});

function recordedSeconds(json: string): number {
  const [stream] = listedSchema.parse(JSON.parse(json)).streams;
  return (stream?.intervals ?? []).reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1_000, 0);
}
