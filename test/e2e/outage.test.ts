import { expect, it } from 'vitest';
import type { EventJson } from '../../src/api/schema.ts';
import { TestGroup, until } from './harness.ts';

/** More than what is kept of the end is old, a segment is long, and a group takes to capture on a busy machine behind its first frames. */
const slackMs = 8_000;

it('what was lost while all servers were down is told once, from when to when', async () => {
  await using group = await TestGroup.start({
    servers: 2,
    cameras: ['cam=http:lobby', 'own=http:gate'],
    ingest: { own: false },
  });
  const names = ['s1', 's2'];
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // As the two see it alike, each with a list of its own and one of the group.
    await until('the streams to be published', async () => {
      const lists = names.flatMap((name) =>
        ['cam', 'own'].map((stream) => `${group.server(name).url}/${stream}/video.m3u8`),
      );
      return (await Promise.all(lists.map((list) => fetch(list)))).every(({ status }) => status === 200);
    });
    const downAt = Math.min(...names.map((name) => group.server(name).signal(signal)));
    await Promise.all(names.map((name) => group.server(name).exited()));
    const upAt = Date.now();
    for (const name of names) group.startServer(name);
    const told = async (): Promise<EventJson[]> =>
      (await group.server('s1').events()).filter(
        ({ time, videoLostMs }) => Date.parse(time) > upAt && (videoLostMs ?? 0) > 0,
      );
    await until('each hole to be told', async () => (await told()).length >= 3);
    const events = await told();
    expect(events.map(({ kind, stream, cause }) => `${kind} ${stream} ${cause}`).toSorted()).toEqual([
      'group-outage cam no-server',
      'interrupted own restarted',
      'interrupted own restarted',
    ]);
    for (const { videoLostMs, videoLostFrom, videoLostTo } of events) {
      const [from, to] = [Date.parse(videoLostFrom ?? ''), Date.parse(videoLostTo ?? '')];
      expect(to - from).toBe(videoLostMs);
      expect(Math.abs(from - downAt)).toBeLessThan(slackMs);
      expect(to).toBeGreaterThan(upAt - slackMs);
    }
  }
});
