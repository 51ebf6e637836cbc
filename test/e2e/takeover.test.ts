import { describe, expect, it } from 'vitest';
import type { EventJson } from '../../src/api/schema.ts';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { ffmpegMissing, missingFrames } from '../support/ffmpeg.ts';
import { capturedOnce, TestGroup, until } from './harness.ts';
import type { ServerProcess } from './server-process.ts';
import { framesPastTheMove, watch } from './viewer.ts';

const cameras = ['cam1=http:lobby', 'cam2=http:gate', 'cam3=http:yard', 'cam4=http:lobby'];

// They wait far more than they work: together they take no longer than the longer one.
describe.concurrent('a group of three servers', () => {
  it('captures each stream once, takes over within a second of kill -9, and gives back', async () => {
    await using group = await TestGroup.start({ servers: 3, cameras, settings: 'failback_delay 1s;' });
    await group.settled();
    await capturedOnce(group);
    const { stream, home } = await firstStream(group);
    const witness = group.others(home)[0] ?? group.server(home);

    const before = group.farm.lines.all.length;
    const killedAt = group.server(home).signal('SIGKILL');
    const open = await group.farm.event(stream, 'open', before);
    expect(open.atMs - killedAt).toBeLessThan(1_000);
    const takeover = await eventAt(witness, 'takeover', stream, killedAt);
    expect(takeover).toMatchObject({ from: home, cause: 'process-dead' });
    expect(takeover.videoLostMs).toBeLessThan(8_000);

    const returned = group.startServer(home);
    await returned.logged('the failback', (entry) => entry.kind === 'failback' && entry.stream === stream);
    await group.settled();
    await capturedOnce(group);
    expect(await eventAt(witness, 'failback', stream, killedAt)).toMatchObject({ from: takeover.to, to: home });
  });

  it.skipIf(ffmpegMissing)('loses no frame at the failback, for a viewer of another server', async () => {
    const ingest = { cam1: 'capture_at=s1' };
    const settings = 'failback_delay 1s;';
    await using group = await TestGroup.start({ servers: 2, cameras: ['cam1=http:lobby'], ingest, settings });
    await group.settled();
    group.server('s1').signal('SIGKILL');
    await group.settled([group.server('s2')], () => 's2');
    await using viewer = watch(group.server('s2'), 'cam1');
    await viewer.decoded(50);
    const returned = group.startServer('s1');
    await returned.logged('the failback', (entry) => entry.kind === 'failback');
    await viewer.decodesOn(framesPastTheMove);
    expect(missingFrames(viewer.numbers, framesPerClip)).toBe(0);
    expect(viewer.complaints).toEqual([]);
  });
});

async function firstStream(group: TestGroup): Promise<{ readonly stream: string; readonly home: string }> {
  const [first] = await group.server('s1').streams();
  if (first?.home == null) throw new Error('no stream has a home');
  return { stream: first.name, home: first.home };
}

/** The event of that kind of the stream after `since` (milliseconds since 1970), as soon as that server knows it, whoever told it. */
async function eventAt(server: ServerProcess, kind: string, stream: string, since: number): Promise<EventJson> {
  let found: EventJson | undefined;
  await until(`${server.name} to know of the ${kind} of ${stream}`, async () => {
    found = (await server.events()).find(
      (event) => event.kind === kind && event.stream === stream && Date.parse(event.time) >= since,
    );
    return found !== undefined;
  });
  if (found === undefined) throw new Error('not found');
  return found;
}
