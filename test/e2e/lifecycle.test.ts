import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { ffmpegMissing, missingFrames } from '../support/ffmpeg.ts';
import { capturedOnce, TestGroup, until } from './harness.ts';
import type { LogEntry } from './server-process.ts';
import { framesPastTheMove, watch } from './viewer.ts';

// They wait far more than they work: together they take no longer than the longest.
describe.concurrent('the life of a server', () => {
  it('frozen: taken over after stale_timeout; thawed: begins anew and never captures twice for long', async () => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['cam1=http:lobby', 'cam2=http:gate', 'cam3=http:yard'],
      settings: 'failback_delay 1s;',
      peer: 'fetch_timeout 1s; stale_timeout 4s;',
      ingest: { cam1: 'capture_at=s1' },
    });
    await group.settled();
    const before = group.farm.lines.all.length;
    const others = group.others('s1').map((server) => ({ server, from: server.log.all.length }));
    const frozenAt = group.server('s1').signal('SIGSTOP');
    const open = await group.farm.event('cam1', 'open', before);
    expect(open.atMs - frozenAt).toBeLessThan(5_000);
    // Its event waits for the first segment, so the freeze lasts longer than stale_timeout.
    const takeover = (entry: LogEntry): boolean => entry.kind === 'takeover' && entry.stream === 'cam1';
    await Promise.any(others.map(({ server, from }) => server.logged('the takeover', takeover, { from })));
    const known = group.server('s1').log.all.length;
    group.server('s1').signal('SIGCONT');
    await group.server('s1').logged('the new life', (entry) => entry.kind === 'stood-still', { from: known });
    await group.settled();
    await capturedOnce(group);
  });

  it.skipIf(ffmpegMissing)('told to go: gives its streams away without a lost frame, and exits with 0', async () => {
    const ingest = { cam1: 'capture_at=s1' };
    await using group = await TestGroup.start({ servers: 2, cameras: ['cam1=http:lobby'], ingest });
    await group.settled();
    await using viewer = watch(group.server('s2'), 'cam1');
    await viewer.decoded(50);
    group.server('s1').signal('SIGTERM');
    expect(await group.server('s1').exited()).toBe(0);
    await group.settled([group.server('s2')], () => 's2');
    await viewer.decodesOn(framesPastTheMove);
    expect(missingFrames(viewer.numbers, framesPerClip)).toBe(0);
    expect(viewer.complaints).toEqual([]);
  });

  it('drained and undrained over the API', async () => {
    const ingest = { cam1: 'capture_at=s1' };
    const settings = 'failback_delay 1s;';
    await using group = await TestGroup.start({ servers: 2, cameras: ['cam1=http:lobby'], ingest, settings });
    await group.settled();
    const drained = await group.cli('drain', group.server('s1').url);
    expect(drained).toEqual({ code: 0, output: 'drained: it captures nothing of the group\n' });
    await group.settled(undefined, () => 's2');
    expect((await group.cli('undrain', group.server('s1').url)).code).toBe(0);
    await group.settled();
    await capturedOnce(group);
  });

  it('with another cluster_key: hears nobody, is heard by nobody, and tells why', async () => {
    await using group = await TestGroup.start({ servers: 2, cameras: ['cam1=http:lobby'] });
    await group.settled();
    await group.server('s2').close();
    const other = `${group.configFile}.other`;
    await writeFile(other, (await readFile(group.configFile, 'utf8')).replace('test-of-the-group', 'another-key'));
    const stranger = group.startServer('s2', other);
    await group.server('s1').logged('why', (entry) => entry.msg.includes('another cluster_key'));
    await until('s2 to hold s1 for dead', async () => {
      return (await stranger.servers()).find((s) => s.name === 's1')?.state === 'dead';
    });
    const seen = await group.server('s1').servers();
    expect(seen.find((s) => s.name === 's2')?.state).toBe('dead');
    expect(group.server('s1').log.all.join()).not.toContain('test-of-the-group');
  });
});
