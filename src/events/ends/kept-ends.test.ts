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

const now = ticks(1_000);

const fail = (error: unknown): never => {
  throw error;
};

describe('the ends of timelines', () => {
  it('outlive the process, the newest of each stream', async () => {
    const disk = file();
    const kept = await KeptEnds.open(disk, fail);
    await kept.keep(new Map([[cam, end('s1', 10)]]), () => true);
    await kept.keep(new Map([[cam, end('s2', 12)]]), () => true);
    await kept.keep(new Map([[gate, end('s2', 5)]]), () => true);
    const again = await KeptEnds.open(disk, fail);
    expect([again.get(cam, now), again.get(gate, now)]).toEqual([end('s2', 12), end('s2', 5)]);
  });

  it('of a time when the clock was ahead are not believed, and give way to what is published now', async () => {
    const minute = 60 * 90_000;
    const disk = file();
    const ahead = await KeptEnds.open(disk, fail);
    await ahead.keep(new Map([[cam, end('s1', now + minute + 1)]]), () => true);
    const kept = await KeptEnds.open(disk, fail);
    expect(kept.get(cam, now)).toBeUndefined();
    expect(kept.get(cam, ticks(now + 1))).toBeDefined();
    await kept.keep(new Map([[cam, end('s1', now)]]), () => true);
    expect((await KeptEnds.open(disk, fail)).get(cam, now)).toEqual(end('s1', now));
  });

  it('are written when something has changed, and forgotten with their stream', async () => {
    const disk = file();
    const kept = await KeptEnds.open(disk, fail);
    const ends = new Map([[cam, end('s1', 10)]]);
    await kept.keep(ends, () => true);
    await kept.keep(ends, () => true);
    expect(disk.writes).toBe(1);
    await kept.keep(new Map(), (stream) => stream !== cam);
    expect((await KeptEnds.open(disk, fail)).get(cam, now)).toBeUndefined();
  });

  it('are written one after the other, also when a server closes while it writes', async () => {
    const disk = file();
    const open: (() => void)[] = [];
    const slow: EndsFile = {
      ...disk,
      write: async (text) => {
        await new Promise<void>((resolve) => open.push(resolve));
        await disk.write(text);
      },
    };
    const kept = await KeptEnds.open(slow, fail);
    const first = kept.keep(new Map([[cam, end('s1', 10)]]), () => true);
    const last = kept.keep(new Map([[cam, end('s1', 12)]]), () => true);
    await Promise.resolve();
    expect(open).toHaveLength(1);
    open[0]?.();
    await first;
    await Promise.resolve();
    open[1]?.();
    await last;
    expect((await KeptEnds.open(disk, fail)).get(cam, now)).toEqual(end('s1', 12));
  });

  it('are written again behind a disk that did not take them', async () => {
    const disk = file();
    let isFull = true;
    const write = (text: string) => (isFull ? Promise.reject(new Error('ENOSPC')) : disk.write(text));
    const kept = await KeptEnds.open({ ...disk, write }, fail);
    const ends = new Map([[cam, end('s1', 10)]]);
    await expect(kept.keep(ends, () => true)).rejects.toThrow('ENOSPC');
    isFull = false;
    await kept.keep(ends, () => true);
    expect(disk.writes).toBe(1);
  });

  it.each([
    '{',
    'null',
    '[]',
    '{"version":1,"ends":7}',
    '{"version":1,"ends":{"cam":{"server":7,"end":1}}}',
    '{"version":1,"ends":{"cam":null}}',
    '{"version":2,"ends":{"cam":{"server":"s1","end":1}}}',
  ])('cost no start, but a word, when the file says %s', async (text) => {
    const errors: unknown[] = [];
    const kept = await KeptEnds.open(file(text), (error) => errors.push(error));
    expect(kept.get(cam, now)).toBeUndefined();
    expect(errors).toHaveLength(1);
  });

  it('cost what is torn of them, and no more', async () => {
    const errors: unknown[] = [];
    const text = '{"version":1,"ends":{"cam":null,"gate":{"server":"s1","end":1}}}';
    const kept = await KeptEnds.open(file(text), (error) => errors.push(error));
    expect(kept.get(gate, now)).toEqual(end('s1', 1));
    expect(errors).toHaveLength(1);
  });

  it('are none before the first start', async () => {
    expect((await KeptEnds.open(file(''), fail)).get(cam, now)).toBeUndefined();
  });

  it('cost no start when the file can not be read', async () => {
    const errors: unknown[] = [];
    const read = () => Promise.reject(new Error('EIO'));
    await KeptEnds.open({ ...file(), read }, (error) => errors.push(error));
    expect(errors).toHaveLength(1);
  });
});
