import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpegMissing } from './ffmpeg.ts';

if (ffmpegMissing) console.warn('ffmpeg is not installed: what it would judge is skipped');

/** What ffmpeg says while it decodes all of a file, a line each; sound media gives none. */
export function complaints(bytes: Uint8Array, extension: string): string[] {
  return inFile(bytes, extension, (path) => {
    const { stderr } = spawnSync('ffmpeg', ['-nostdin', '-v', 'warning', '-i', path, '-f', 'null', '-'], {
      encoding: 'utf8',
    });
    return stderr.split('\n').filter((line) => line !== '');
  });
}

/** A packet as ffprobe found it; times in seconds. */
export interface ProbedPacket {
  readonly pts: number;
  readonly dts: number;
  readonly keyframe: boolean;
}

/** Of one kind of stream, in the order of the file. */
export function probePackets(bytes: Uint8Array, extension: string, kind: 'v' | 'a'): ProbedPacket[] {
  return inFile(bytes, extension, (path) => {
    const show = ['-select_streams', `${kind}:0`, '-show_entries', 'packet=pts_time,dts_time,flags', '-of', 'csv=p=0'];
    const lines = execFileSync('ffprobe', ['-v', 'error', ...show, path], { encoding: 'utf8' }).split('\n');
    return lines
      .map((line) => line.split(','))
      .filter((fields) => fields.length >= 3)
      .map(([pts, dts, flags]) => ({ pts: Number(pts), dts: Number(dts), keyframe: flags?.startsWith('K') ?? false }));
  });
}

/** A hash of every decoded picture, in order of presentation. */
export function pictureHashes(bytes: Uint8Array, extension: string): string[] {
  return inFile(bytes, extension, (path) => {
    const out = execFileSync(
      'ffmpeg',
      ['-nostdin', '-v', 'error', '-i', path, '-map', '0:v:0', '-f', 'framemd5', '-'],
      {
        encoding: 'utf8',
      },
    );
    return out
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(',').at(-1)?.trim() ?? '');
  });
}

function inFile<T>(bytes: Uint8Array, extension: string, judge: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-media-'));
  try {
    const path = join(folder, `judged.${extension}`);
    writeFileSync(path, bytes);
    return judge(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
