import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { type RecordedRun, recordedRun, someStart } from '../../../test/support/recorded-run.ts';
import { putRun } from '../../../test/support/recording.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { recordBytes } from '../../archive/index/record.ts';
import { runPath } from '../../archive/layout/run-path.ts';
import { unixMicros } from '../../units/time.ts';
import { registerArchive } from './archive.ts';

const hour = 3_600 * 90_000;
const first = recordedRun({ fragments: 6 });
const second = recordedRun({ fragments: 6, start: someStart + hour, ordinal: 2 });
const gate = recordedRun({ fragments: 4, start: someStart + 2 * hour, ordinal: 3, stream: 'site/gate' });
const path = ({ stream, run }: RecordedRun, kind: 'media' | 'index' = 'media'): string => runPath(stream, run, kind);

async function archived(...runs: readonly (RecordedRun | [RecordedRun, { media?: Uint8Array; index?: Uint8Array }])[]) {
  const disk = new SimDisk();
  await disk.makeRoot();
  for (const one of runs) {
    const [run, files] = Array.isArray(one) ? one : [one, one];
    await putRun(disk, { media: path(run), index: path(run, 'index') }, files);
  }
  return disk;
}

async function archive(disk: SimDisk, ...args: string[]): Promise<{ out: string; complaint: string; code: number }> {
  let [out, complaint, code] = ['', '', -1];
  const program = new Command().exitOverride();
  const clock = new ManualClock(unixMicros(1_800_000_000_000_000));
  registerArchive(program, {
    console: {
      write: (text) => {
        out += text;
      },
      complain: (text) => {
        complaint += text;
      },
      exit: (given) => {
        code = given;
      },
    },
    diskOf: () => disk,
    checksums: nodeChecksums,
    clock,
  });
  await program.parseAsync(['archive', ...args], { from: 'user' });
  return { out, complaint, code };
}

const unclosed = (run: RecordedRun): Uint8Array => run.index.subarray(0, -recordBytes);
const damaged = (run: RecordedRun): Uint8Array => {
  const media = run.media.slice();
  const at = (run.records[2]?.offset ?? 0) + 300;
  media[at] = (media[at] ?? 0) ^ 1;
  return media;
};

describe('headwater archive', () => {
  test.each(['list', 'verify', 'repair'])('%s of what is no archive, or has no such stream', async (verb) => {
    const none = new SimDisk();
    expect(await archive(none, verb, '/none')).toEqual({
      out: '',
      complaint: 'headwater: there is no folder /none\n',
      code: 1,
    });
    expect(await archive(await archived(), verb, '/home')).toEqual({
      out: '',
      complaint: 'headwater: /home is no archive: it has neither recordings nor the marker .headwater-archive\n',
      code: 1,
    });
    expect(await archive(await archived(first), verb, '/a', 'cam1')).toEqual({
      out: '',
      complaint: 'headwater: /a has no stream cam1\nhint: did you mean cam01?\n',
      code: 1,
    });
  });
});

describe('headwater archive list', () => {
  test('tells of each stream, of the stretches of one, of every run', async () => {
    const disk = await archived(first, second, gate);
    const all = await archive(disk, 'list', '/a');
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/^STREAM +RUNS +FROM \(UTC\) +TO \(UTC\) +RECORDED +GAPS +SIZE\n/);
    expect(all.out).toMatch(/\ncam01 +2 +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +20.* 6\.0 s +1 +\d/);
    expect(all.out).toMatch(/\nsite\/gate +1 /);
    expect(all.out).toMatch(/\n2 streams, 3 runs, [\d.]+K\n$/);
    expect((await archive(disk, 'list', '/a', 'cam01')).out.split('\n')).toHaveLength(5);
    const runs = (await archive(disk, 'list', '/a', '--runs')).out;
    for (const run of [first, second, gate]) expect(runs).toContain(` ${path(run)}\n`);
  });

  test('--json: for programs', async () => {
    const { out } = await archive(await archived(first), 'list', '/a', '--json');
    const times = { fromMs: Math.round(someStart / 90), toMs: Math.round(someStart / 90) + 3_000 };
    const bytes = first.media.length;
    const name = path(first).replace(/.*\/|\.mp4/g, '');
    expect(JSON.parse(out)).toEqual({
      streams: [
        {
          name: 'cam01',
          bytes,
          intervals: [{ ...times, bytes }],
          runs: [{ name, path: path(first), server: 's01', ...times, bytes, ended: true }],
        },
      ],
      unreadable: 0,
    });
  });

  test('an archive without recordings is fine', async () => {
    const disk = await archived();
    await disk.replace('.headwater-archive', new Uint8Array(0), { sync: true });
    expect(await archive(disk, 'list', '/a')).toEqual({ out: '0 streams, 0 runs, 0\n', complaint: '', code: 0 });
  });

  test('counts what has no end, and what only repair can read', async () => {
    const disk = await archived(
      [first, { media: first.media, index: unclosed(first) }],
      [second, { media: second.media }],
    );
    const { out } = await archive(disk, 'list', '/a');
    expect(out).toContain(
      '; 1 run without an end: being recorded, or left by a crash; 1 run that only repair can read\n',
    );
  });
});

describe('headwater archive verify', () => {
  test('finds nothing where nothing is wrong', async () => {
    const { out, code } = await archive(await archived(first, second), 'verify', '/a');
    expect(out).toMatch(/^2 runs, [\d.]+K read: all as it was recorded\n$/);
    expect(code).toBe(0);
  });

  test('tells every kind of damage', async () => {
    const third = recordedRun({ fragments: 6, start: someStart + 3 * hour, ordinal: 4 });
    const fourth = recordedRun({ fragments: 6, start: someStart + 4 * hour, ordinal: 5 });
    const disk = await archived(
      [first, { media: damaged(first), index: first.index }],
      [second, { media: second.media }],
      [third, { index: third.index }],
      [fourth, { media: fourth.media, index: unclosed(fourth) }],
    );
    const { out, code } = await archive(disk, 'verify', '/a');
    expect(out.split('\n').slice(0, 4)).toEqual([
      `${path(first)}: 1 of 6 fragments differ from what was recorded, between 2026-09-01 12:00:01 and 2026-09-01 12:00:01`,
      `${path(second)}: it has no index; repair makes one`,
      `${path(third)}: there is only its index`,
      `${path(fourth)}: it has no end: left by a crash; a start of its server, or repair, mends it`,
    ]);
    expect(out).toMatch(/4 runs damaged\n$/);
    expect(code).toBe(2);
    const json = JSON.parse((await archive(disk, 'verify', '/a', '--json')).out) as { findings: { kind: string }[] };
    expect(json.findings.map(({ kind }) => kind)).toEqual(['damaged', 'no-index', 'no-recording', 'no-end']);
  });

  test('what a server records at the moment is no damage', async () => {
    const disk = await archived(first);
    disk.nowMs = 1_800_000_000_000 - 30_000;
    await putRun(
      disk,
      { media: path(second), index: path(second, 'index') },
      { media: second.media, index: unclosed(second) },
    );
    const { out, code } = await archive(disk, 'verify', '/a');
    expect(out).toMatch(/: all as it was recorded; 1 being recorded\n$/);
    expect(code).toBe(0);
  });
});

describe('headwater archive repair', () => {
  test('rebuilds indexes, cuts torn ends off, and removes what has no recording; then all is well', async () => {
    const third = recordedRun({ fragments: 6, start: someStart + 3 * hour, ordinal: 4 });
    const broken = [
      [first, { media: first.media }],
      [second, { media: second.media.subarray(0, -10), index: unclosed(second) }],
      [third, { index: third.index }],
    ] as const;
    const disk = await archived(...broken.map(([run, files]) => [run, files] as [RecordedRun, typeof files]));
    const dry = await archive(disk, 'repair', '/a', '--dry-run');
    expect(dry.out).toMatch(/\n3 runs: 3 would be mended\n$/);
    expect((await archive(disk, 'verify', '/a')).code).toBe(2);
    const { out, code } = await archive(disk, 'repair', '/a');
    const torn = (second.records[5]?.length ?? 0) - 10;
    expect(out.split('\n')).toEqual([
      `${path(first)}: a new index: 6 fragments`,
      `${path(second)}: its index is mended: 5 fragments, 1 fragment lost, ${torn} bytes are no whole fragment`,
      `${path(third)}: an index without a recording: it goes`,
      '3 runs: 3 mended',
      '',
    ]);
    expect(code).toBe(0);
    expect((await archive(disk, 'verify', '/a')).code).toBe(0);
    expect((await archive(disk, 'repair', '/a')).out).toBe('2 runs: 0 mended\n');
  });

  test('leaves alone what it can not mend, and what a server records', async () => {
    const newer = second.index.slice();
    newer[4] = 9;
    const view = new DataView(newer.buffer);
    const length = view.getUint16(6, true);
    view.setUint32(length - 4, nodeChecksums.crc32(newer.subarray(0, length - 4)), true);
    const disk = await archived([second, { media: second.media, index: newer.subarray(0, -recordBytes) }]);
    disk.nowMs = 1_800_000_000_000;
    await putRun(
      disk,
      { media: path(first), index: path(first, 'index') },
      { media: first.media, index: unclosed(first) },
    );
    const before = disk.changes;
    const { out, code } = await archive(disk, 'repair', '/a');
    expect(out).toContain(`${path(first)}: written to within the last minute: a server records it; left alone\n`);
    expect(out).toContain(`${path(second)}: its index is of a later version: left alone\n`);
    expect(out).toMatch(/\n2 runs: 0 mended, 1 left as they are\n$/);
    expect([code, disk.changes]).toEqual([2, before]);
  });

  test.each(['list', 'verify', 'repair'])('%s tells what it can not read, and ends with 2', async (verb) => {
    const disk = await archived(first, gate);
    disk.faults = { unreadable: 'site%2Fgate' };
    const { complaint, code } = await archive(disk, verb, '/a');
    expect([complaint, code]).toEqual(['headwater: site%2Fgate: EIO at site%2Fgate\n', 2]);
  });

  test('goes on behind what the disk refuses', async () => {
    const disk = await archived([first, { media: first.media }], second);
    disk.faults = { writes: 'EROFS' };
    const { out, code } = await archive(disk, 'repair', '/a', '--json');
    const told = JSON.parse(out) as { left: number; outcomes: { kind: string; message: string }[] };
    expect(told).toMatchObject({ runs: 2, mended: 0, left: 1, outcomes: [{ kind: 'failed' }] });
    expect(told.outcomes[0]?.message).toContain('EROFS');
    expect(code).toBe(2);
  });
});
