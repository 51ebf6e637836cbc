import { describe, expect, it } from 'vitest';
import type { EventJson } from '../../src/api/schema.ts';
import { TestGroup, until } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

/** The way from one server to the next, and two groups of pictures: one was cut off, and of the next one the keyframe had passed. */
const longestHoleMs = 5_000;

describe('a camera with one connection (handover=break)', () => {
  it('never has two, through takeover, failback and drain; every hole is told in seconds, and lists go on behind it', async () => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['cam1=rtsp:lobby'],
      ingest: { cam1: 'capture_at=s1 handover=break' },
      settings: 'failback_delay 1s;',
    });
    await group.farm.control('cam1', { second: 'refuse' });
    await group.settled();
    await using lists = new PlaylistWatch(['s2', 's3'], (name) => group.server(name), ['cam1']);
    await lists.listed(2);

    const connected = (await group.farm.connections()).cam1?.total ?? 0;
    const killedAt = group.server('s1').signal('SIGKILL');
    expect((await told(group, 'takeover', killedAt)).videoLostMs).toBeGreaterThan(0);
    await lists.next('cam1');

    let before = group.farm.lines.all.length;
    const returned = group.startServer('s1');
    await expectHole(group, await told(group, 'failback', killedAt), before);
    await lists.next('cam1');

    before = group.farm.lines.all.length;
    expect((await group.cli('drain', returned.url)).code).toBe(0);
    await expectHole(group, await told(group, 'handover', killedAt), before);
    await lists.next('cam1');

    expect((await group.farm.connections()).cam1).toMatchObject({
      open: 1,
      mostOpen: 1,
      refused: 0,
      total: connected + 3,
    });
    expect(lists.faults).toEqual([]);
    // Only what died with its server is not listed any more.
    expect(lists.restarts('cam1')).toBe(1);
  });
});

/** The event of that kind since then, told to s2 by whoever took the stream, as soon as it says what was lost. */
async function told(group: TestGroup, kind: EventJson['kind'], since: number): Promise<EventJson> {
  let found: EventJson | undefined;
  await until(`the ${kind} to be told with the video that it cost`, async () => {
    const events = (await group.server('s2').events()).filter(({ time }) => Date.parse(time) >= since);
    found = events.find((event) => event.kind === kind && event.server === event.to && event.videoLostMs !== null);
    return found !== undefined;
  });
  if (found === undefined) throw new Error('not found');
  return found;
}

/** What is told as lost is a hole of the camera's own making: no shorter than nobody was connected, not much longer. */
async function expectHole(group: TestGroup, { videoLostMs }: EventJson, from: number): Promise<void> {
  const { atMs: closed } = await group.farm.event('cam1', 'close', from);
  const { atMs: played } = await group.farm.event('cam1', 'play', from);
  expect(videoLostMs).toBeGreaterThanOrEqual(Math.floor(played - closed));
  expect(videoLostMs).toBeLessThan(longestHoleMs);
}
