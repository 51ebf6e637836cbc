import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { type Addresses, NameLookups } from './name-lookups.ts';

const home: Addresses = [{ address: '10.0.0.5', family: 4 }];
const moved: Addresses = [{ address: '10.0.0.6', family: 4 }];

/** A system's resolver whose answers the test gives. */
function lookups(options: { readonly most: number; readonly patience?: ReturnType<typeof ms> }) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const open = new Map<string, { found: (addresses: Addresses) => void; failed: (error: Error) => void }>();
  const made = new NameLookups({
    clock,
    resolve: (name) => {
      asked.push(name);
      return new Promise((found, failed) => open.set(name, { found, failed }));
    },
    ...options,
  });
  /** What came of it so far. */
  const find = (name: string) => {
    const seen: { result: string } = { result: 'waits' };
    made.find(name).then(
      (addresses) => {
        seen.result = addresses.map(({ address }) => address).join(' ');
      },
      (error: NodeJS.ErrnoException) => {
        seen.result = error.code ?? error.message;
      },
    );
    return seen;
  };
  const answer = async (name: string, result: Addresses | string): Promise<void> => {
    const one = open.get(name);
    open.delete(name);
    if (typeof result === 'string') one?.failed(Object.assign(new Error(result), { code: result }));
    else one?.found(result);
    await clock.advance(ms(0));
  };
  return { clock, asked, made, find, answer };
}

describe('look-ups of sources, of which no address is remembered', () => {
  const sources = () => lookups({ most: 1 });

  it('ask once for all who want the same name', async () => {
    const { asked, find, answer } = sources();
    const all = [find('cam'), find('CAM'), find('cam')];
    await answer('cam', home);
    expect(all.map(({ result }) => result)).toEqual(['10.0.0.5', '10.0.0.5', '10.0.0.5']);
    expect(asked).toEqual(['cam']);
    find('cam');
    expect(asked).toEqual(['cam', 'cam']);
  });

  it('never take more than their part of the threads, however often dead names are tried', async () => {
    const { clock, asked, made, find } = sources();
    for (let round = 0; round < 40; round++) {
      for (let camera = 0; camera < 20; camera++) find(`camera${camera}`);
      await clock.advance(ms(3_000));
      expect(made.running).toBe(1);
    }
    expect(asked).toEqual(['camera0']);
  });

  it('give up waiting, and leave the line then', async () => {
    const { clock, asked, find, answer } = sources();
    const [dead, queued] = [find('dead'), find('queued')];
    await clock.advance(ms(10_000));
    expect([dead.result, queued.result]).toEqual(['EAI_AGAIN', 'EAI_AGAIN']);
    const wanted = find('wanted');
    await answer('dead', 'ENOTFOUND');
    await answer('wanted', home);
    expect(asked).toEqual(['dead', 'wanted']);
    expect(wanted.result).toBe('10.0.0.5');
  });

  it('do not repeat what failed just now', async () => {
    const { clock, asked, find, answer } = sources();
    find('dead');
    await answer('dead', 'ENOTFOUND');
    const again = find('dead');
    await clock.advance(ms(4_999));
    expect(again.result).toBe('ENOTFOUND');
    expect(asked).toEqual(['dead']);
    await clock.advance(ms(1));
    find('dead');
    expect(asked).toEqual(['dead', 'dead']);
  });

  it('put names that failed behind others', async () => {
    const { clock, asked, find, answer } = sources();
    find('dead');
    await answer('dead', 'ENOTFOUND');
    await clock.advance(ms(5_000));
    find('slow');
    find('dead');
    find('cam');
    await answer('slow', home);
    await answer('cam', home);
    expect(asked).toEqual(['dead', 'slow', 'cam', 'dead']);
  });
});

describe('look-ups of peers', () => {
  const peers = () => lookups({ most: 20, patience: ms(300) });

  it('give the last good address when the name server does not answer', async () => {
    const { clock, asked, find, answer } = peers();
    find('s02');
    await answer('s02', home);
    const late = find('s02');
    await clock.advance(ms(299));
    expect(late.result).toBe('waits');
    await clock.advance(ms(1));
    expect(late.result).toBe('10.0.0.5');
    const next = find('s02');
    await clock.advance(ms(0));
    expect(next.result).toBe('10.0.0.5');
    expect(asked).toEqual(['s02', 's02']);
    await answer('s02', moved);
    const then = find('s02');
    await answer('s02', moved);
    expect(then.result).toBe('10.0.0.6');
  });

  it('give the last good address when the look-up fails', async () => {
    const { find, answer, clock } = peers();
    find('s02');
    await answer('s02', home);
    const failed = find('s02');
    await answer('s02', 'EAI_AGAIN');
    const soon = find('s02');
    await clock.advance(ms(0));
    expect([failed.result, soon.result]).toEqual(['10.0.0.5', '10.0.0.5']);
  });

  it('are not kept waiting by names that are not answered', async () => {
    const { find, answer } = peers();
    find('dead');
    const peer = find('s02');
    await answer('s02', home);
    expect(peer.result).toBe('10.0.0.5');
  });
});
