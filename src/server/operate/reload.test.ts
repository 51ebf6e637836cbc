import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../test/support/silent-log.ts';
import { parseConfig } from '../../config/loading/load.ts';
import { RunningConfig } from '../../config/running/running-config.ts';
import { findSelf } from '../../config/running/self.ts';
import type { Told } from '../../events/telling/describe.ts';
import { unixMicros } from '../../units/time.ts';
import { Reload } from './reload.ts';

const cams = (urls: Record<string, string>): string =>
  Object.entries(urls)
    .map(([name, url]) => `stream ${name} { url ${url}; cluster_ingest; }\n`)
    .join('');

function reloading(first: string) {
  const { config } = parseConfig(first, 'test.conf');
  if (config === undefined) throw new Error('the first text is wrong');
  const self = findSelf(config, { name: 'me', environmentName: undefined, hostname: 'me', localAddresses: [] });
  if (!self.found) throw new Error(self.message);
  const loadedAt = unixMicros(0);
  const running = new RunningConfig({ self: self.peer, config, diagnostics: [], loadedAt, hash: (text) => text });
  const done: string[] = [];
  const told: Told[] = [];
  let text = first;
  const reload = new Reload({
    config: running,
    load: () => Promise.resolve(parseConfig(text, 'test.conf')),
    utc: () => loadedAt,
    write: (event) => told.push(event),
    log: silentLog,
    apply: {
      group: () => done.push('group'),
      archive: (streams) => streams.length > 0 && done.push(`archive ${streams.join(' ')}`),
      local: () => done.push('local'),
      restartInput: (stream) => done.push(`restart ${stream}`),
      useSources: (stream) => done.push(`sources ${stream}`),
      ownersChanged: (streams) => done.push(`owners ${streams.join(' ')}`),
    },
  });
  const to = (next: string) => {
    text = next;
    return reload.run();
  };
  return { to, done, told, running };
}

describe('a reload', () => {
  const first = cams({ a: 'http://x/a', b: 'http://x/b' });

  it('touches nothing but what changed', async () => {
    const { to, done, told, running } = reloading(first);
    const result = await to(cams({ a: 'http://y/a', b: 'http://x/b', c: 'http://x/c' }));
    expect(result).toMatchObject({ applied: true, digest: running.cluster.digest, streams: 3, needsRestart: [] });
    expect(result.changes).toMatchObject([
      { kind: 'stream-changed', name: 'a', directives: ['url'] },
      { kind: 'stream-added', name: 'c', directives: [] },
    ]);
    expect(done).toEqual(['group', 'sources a', 'local', 'owners a c']);
    const message = 'me follows a new configuration: stream a changed: url; stream c added';
    expect(told).toMatchObject([{ kind: 'config-loaded', message }]);
    expect(running.config.streams).toHaveLength(3);
  });

  it('does nothing for a text that means the same', async () => {
    const { to, done, told } = reloading(first);
    expect((await to(`# a comment\n${first}`)).applied).toBe(true);
    expect(done).toEqual([]);
    expect(told).toEqual([]);
  });

  it('keeps the running configuration when the text is wrong, and tells where', async () => {
    const { to, done, told, running } = reloading(first);
    const digest = running.cluster.digest;
    const result = await to(`${first}stream {`);
    expect(result).toMatchObject({ applied: false, digest });
    expect(result.diagnostics.length).toBeGreaterThan(0);
    expect(running.diagnostics).toEqual(result.diagnostics);
    expect(running.config.streams).toHaveLength(2);
    expect(done).toEqual([]);
    expect(told).toMatchObject([{ kind: 'config-rejected' }]);
  });

  it('lets a running stream keep its segment duration, for its numbers would go back, and follows the rest', async () => {
    const { to, done, running } = reloading(first);
    const slower = first.replace('cluster_ingest;', 'cluster_ingest; segment_duration 4;');
    const result = await to(`${slower}${cams({ c: 'http://x/c' })}`);
    expect(result).toMatchObject({ applied: true, changes: [{ kind: 'stream-added', name: 'c' }] });
    expect(result.needsRestart).toEqual(['segments of stream a stay 2s long, the new file says 4s']);
    expect(running.config.streams.map(({ segmentDuration }) => segmentDuration)).toEqual([2_000, 2_000, 2_000]);
    expect(done).toEqual(['group', 'local', 'owners c']);
    // Again nothing is new, and the restart is still to come.
    expect(await to(`${slower}${cams({ c: 'http://x/c' })}`)).toMatchObject({
      changes: [],
      needsRestart: [expect.any(String)],
    });
    expect((await to(first)).needsRestart).toEqual([]);
  });

  it('has the digest of the file, as a server that was started with it', async () => {
    const slower = first.replace('cluster_ingest;', 'cluster_ingest; segment_duration 4;');
    const { to, done, running } = reloading(first);
    await to(slower);
    expect(running.cluster.digest).toBe(reloading(slower).running.cluster.digest);
    expect(done[0]).toBe('group');
  });

  it('tells what takes a restart', async () => {
    const { to } = reloading(first);
    const { applied, changes, needsRestart } = await to(`http 9090; ${first}`);
    expect([applied, changes.map(({ directives }) => directives)]).toEqual([true, [['http']]]);
    expect(needsRestart).toEqual(['it listens on *:8080, the new file says *:9090']);
    expect((await to(first)).needsRestart).toEqual([]);
  });

  it('takes a new stream with any segment duration', async () => {
    const { to, running } = reloading(first);
    expect((await to(`${first}stream c { url http://x/c; segment_duration 4; }`)).applied).toBe(true);
    expect(running.config.streams).toHaveLength(3);
  });

  it.each([
    ['takes this server off the list', 'peer me; peer you;', 'peer you; peer them;', /not in the new list/],
    ['makes a group of a server alone', '', 'peer me; peer you;', /was alone/],
    ['makes a server of a group one alone', 'peer me; peer you;', '', /was one of a group/],
  ])('refuses a file that %s: it would capture for itself what the group captures', async (_, before, after, why) => {
    const key = 'cluster_key KEY; ';
    const { to, done, told, running } = reloading(`${key}${before} ${first}`);
    const { servers } = running.cluster;
    const result = await to(`${key}${after} ${first}`);
    expect(result.applied).toBe(false);
    expect(result.diagnostics.at(-1)).toMatchObject({ severity: 'error' });
    expect(result.diagnostics.at(-1)?.message).toMatch(why);
    expect(running.cluster.servers).toEqual(servers);
    expect(done).toEqual([]);
    expect(told).toMatchObject([{ kind: 'config-rejected' }]);
    expect((await to(`${key}${before} ${first}`)).applied).toBe(true);
  });

  it('runs one after the other', async () => {
    const { to, running } = reloading(first);
    const both = [to(cams({ a: 'http://x/a' })), to(cams({ z: 'http://x/z' }))];
    await Promise.all(both);
    expect(running.config.streams.map(({ name }) => name)).toEqual(['z']);
  });
});
