import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { capturedOnce, TestGroup, until } from './harness.ts';

describe('a stream without cluster_ingest', () => {
  it('is captured by every server for itself, and becomes the group’s by a reload', async () => {
    const options = { servers: 2, cameras: ['cam1=http:lobby', 'cam2=http:gate'], ingest: { cam1: false } } as const;
    await using group = await TestGroup.start(options);
    await until('both servers to capture cam1', async () => {
      const { cam1, cam2 } = await group.farm.connections();
      return cam1?.open === 2 && cam2?.open === 1;
    });
    for (const name of ['s1', 's2']) {
      const cam1 = (await group.server(name).streams()).find((stream) => stream.name === 'cam1');
      expect(cam1?.capturedBy).toBe(name);
    }

    await writeFile(group.configFile, group.configText({ settings: 'failback_delay 1s;' }));
    for (const name of ['s1', 's2']) group.server(name).signal('SIGHUP');
    await group.settled();
    await capturedOnce(group);

    await writeFile(group.configFile, group.configText(options));
    for (const name of ['s1', 's2']) group.server(name).signal('SIGHUP');
    await until('both servers to capture cam1 again', async () => {
      const { cam1, cam2 } = await group.farm.connections();
      return cam1?.open === 2 && cam2?.open === 1;
    });
  });
});
