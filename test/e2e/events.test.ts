import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { EventJson } from '../../src/api/schema.ts';
import { TestGroup, until } from './harness.ts';
import type { LogEntry, ServerProcess } from './server-process.ts';

// They wait far more than they work: together they take no longer than the longer one.
describe.concurrent('what an operator reads in the morning', () => {
  it('is one line for each thing that happened, the same from every server, with its cause and what was lost', async () => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['cam=http:lobby', 'spare=http:gate'],
      ingest: { cam: 'capture_at=s1', spare: 'capture_at=s3' },
      settings: 'failback_delay 1s;',
    });
    await group.settled();
    const [s1, s2, s3] = [group.server('s1'), group.server('s2'), group.server('s3')];
    const settledAt = Date.now();

    // A second url, on one server after the other.
    const url = `url ${group.farm.urls.cam};`;
    const text = await readFile(group.configFile, 'utf8');
    await writeFile(group.configFile, text.replace(url, `${url} url ${group.farm.urls.spare};`));
    for (const server of [s1, s2, s3]) expect((await group.cli('reload', server.url)).code).toBe(0);
    await told(s3, 'config-agreed');
    await group.settled();

    await group.farm.control('cam', { state: 'dead' });
    await told(s1, 'source-switched');
    // Whoever opened the first url now would wait for it in vain.
    await group.farm.control('cam', { state: 'frozen' });
    expect((await group.cli('drain', s1.url)).code).toBe(0);
    await told(s1, 'drained');
    expect((await group.cli('undrain', s1.url)).code).toBe(0);
    await told(s1, 'failback');

    s2.signal('SIGTERM');
    expect(await s2.exited()).toBe(0);
    const returned = group.startServer('s2');
    await told(returned, 'settled');
    await told(s1, 'server-up');
    await told(s3, 'server-up');

    await until('all servers to tell the same', async () => {
      const [one, ...others] = await Promise.all([s1, returned, s3].map(async (server) => server.events()));
      return others.every((other) => JSON.stringify(other) === JSON.stringify(one));
    });
    const events = await s3.events();
    // Whether the reload's new connection met a keyframe in time is chance, and so is which server of a busy machine was there first.
    const chance = ['settled', 'config-loaded', 'interrupted'];
    const story = events.filter(({ kind, time }) => !chance.includes(kind) && Date.parse(time) > settledAt).map(line);
    expect(story.toSorted()).toEqual([
      'config-agreed reload, seen by 3',
      'config-drift reload, seen by 3',
      'drain leave, seen by 1',
      'drain operator, seen by 1',
      'drained leave, seen by 1',
      'drained operator, seen by 1',
      'failback returned, seen by 1',
      'handover drain, seen by 1',
      'server-down leave, seen by 2',
      'server-up restarted, seen by 2',
      'source-switched the source ended the connection, seen by 1',
      'undrain operator, seen by 1',
    ]);
    const lost = Object.fromEntries(events.map((event) => [event.kind, event.videoLostMs]));
    expect(lost).toMatchObject({ handover: 0, drained: 0, failback: 0, 'server-down': null });
    // The second url is opened at once, and its keyframe comes within two seconds: perhaps at the very moment.
    expect(lost['source-switched']).toBeGreaterThanOrEqual(0);
    expect(lost['source-switched']).toBeLessThan(6_000);
    for (const { log } of [s1, s2, returned, s3]) expect(log.all.join()).not.toContain('another cluster_key');
  });

  it('counts the seconds of an outage once, whoever captures behind it', async () => {
    await using group = await TestGroup.start({
      servers: 2,
      cameras: ['cam=http:lobby'],
      stream: 'source_timeout 4s;',
    });
    const server = group.server('s1');
    const state = async (): Promise<string | undefined> => (await server.streams())[0]?.state;
    await until('the stream to run somewhere', async () => (await state()) === 'running');
    const before = group.farm.lines.all.length;
    await group.farm.control('cam', { state: 'dead' });
    const closed = await group.farm.event('cam', 'close', before);
    const lost = (entry: LogEntry): boolean => entry.kind === 'source-lost';
    await Promise.any([...group.others('')].map((server) => server.logged('the lost source', lost)));
    const probed = group.farm.lines.all.length;
    // Both servers have tried in vain.
    await until('both to have failed', async () => (await state()) === 'error');
    await group.farm.control('cam', { state: 'alive' });
    const playing = await group.farm.event('cam', 'play', probed);
    const darkMs = playing.atMs - closed.atMs;
    const losses = async (): Promise<EventJson[]> =>
      (await server.events()).filter(
        ({ time, videoLostMs }) => Date.parse(time) > closed.atMs && (videoLostMs ?? 0) > 0,
      );
    await until('the loss to be told', async () => (await losses()).length > 0);
    const told = await losses();
    expect(told).toHaveLength(1);
    // Up to a segment was on its way when it began, and the first keyframe behind it has to come.
    expect(Math.abs((told[0]?.videoLostMs ?? 0) - darkMs)).toBeLessThan(3_000);
  });
});

function told(server: ServerProcess, kind: string): Promise<LogEntry> {
  return server.logged(kind, (entry) => entry.kind === kind);
}

function line({ kind, cause, observedBy }: EventJson): string {
  return `${kind} ${cause}, seen by ${observedBy.length}`;
}
