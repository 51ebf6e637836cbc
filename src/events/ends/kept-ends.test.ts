import { describe, expect, it } from 'vitest';
import { serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { type EndsFile, type KeptEnd, KeptEnds } from './kept-ends.ts';

const [cam, gate] = [streamName('cam'), streamName('gate')];
const end = (server: string, at: number): KeptEnd => ({ server: serverName(server), end: ticks(at) });

function file(content = ''): EndsFile & { content: string; writes: number } {
  const made = {
    content,
    writes: 0,
    read: async () => made.content,
    write: async (text: string) => {
      made.content = text;
      made.writes++;
    },
  };
  return made;
}

const fail = (error: unknown): never => {
  throw error;
};

describe('the ends of timelines', () => {
  it('outlive the process, the latest of each stream', async () => {
    const disk = file();
    const kept = await KeptEnds.open(disk, fail);
    await kept.keep(new Map([[cam, end('s1', 10)]]), () => true);
    await kept.keep(new Map([[cam, end('s2', 9)]]), () => true);
    await kept.keep(new Map([[gate, end('s2', 5)]]), () => true);
    const again = await KeptEnds.open(disk, fail);
    expect([again.get(cam), again.get(gate)]).toEqual([end('s1', 10), end('s2', 5)]);
  });

  it('are written when something has changed, and forgotten with their stream', async () => {
    const disk = file();
    const kept = await KeptEnds.open(disk, fail);
    const now = new Map([[cam, end('s1', 10)]]);
    await kept.keep(now, () => true);
    await kept.keep(now, () => true);
    expect(disk.writes).toBe(1);
    await kept.keep(new Map(), (stream) => stream !== cam);
    expect((await KeptEnds.open(disk, fail)).get(cam)).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '{"ends":7}', '{"ends":{"cam":{"server":7,"end":1}}}', '{"ends":{"cam":null}}'])(
    'cost no start when the file says %s',
    async (text) => {
      expect((await KeptEnds.open(file(text), fail)).get(cam)).toBeUndefined();
    },
  );

  it('cost no start when the file can not be read', async () => {
    const errors: unknown[] = [];
    const read = () => Promise.reject(new Error('EIO'));
    await KeptEnds.open({ ...file(), read }, (error) => errors.push(error));
    expect(errors).toHaveLength(1);
  });
});
