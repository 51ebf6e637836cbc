import { describe, expect, it } from 'vitest';
import { capturedOnce, TestGroup, until } from './harness.ts';
import type { LogEntry } from './server-process.ts';

describe('a source that fails', () => {
  it('is told as lost, tried by every server in turn, and told as found again', async () => {
    await using group = await TestGroup.start({
      servers: 2,
      cameras: ['cam1=rtsp:lobby', 'cam2=http:gate'],
      stream: 'source_timeout 2s;',
    });
    await group.settled();
    const home = (await group.server('s1').streams())[0]?.home ?? '';
    await group.farm.control('cam1', { state: 'dead' });
    const isLost = (entry: LogEntry): boolean => entry.kind === 'source-lost' && entry.stream === 'cam1';
    await group.server(home).logged('the lost source', isLost);
    const seen = async () => (await group.server('s2').streams()).find((stream) => stream.name === 'cam1');
    const other = group.others(home)[0]?.name ?? '';
    for (const server of [other, home]) {
      await until(`cam1 to be told as failed, with its reason, and tried by ${server}`, async () => {
        const cam1 = await seen();
        return cam1?.state === 'error' && cam1.error !== null && cam1.triedBy === server;
      });
    }
    await group.farm.control('cam1', { state: 'alive' });
    const isFound = (entry: LogEntry): boolean => entry.kind === 'source-found' && entry.stream === 'cam1';
    await Promise.any([...group.others('')].map((server) => server.logged('the found source', isFound)));
    await group.settled();
    await capturedOnce(group);
    const { cam2 } = await group.farm.connections();
    expect(cam2).toMatchObject({ open: 1, total: 1 });
  });
});
