import { describe, expect, it } from 'vitest';
import type { CaptureFact } from '../../src/cluster/step/event.ts';

/** A server with one media worker and a camera, as its core sees them, and what can happen to them. */
export interface MediaRig {
  readonly facts: readonly { readonly at: number; readonly kind: CaptureFact['kind'] }[];
  start(): void;
  stop(): void;
  /** The camera ends its connections and refuses new ones. */
  refuse(): void;
  /** The camera keeps its connections and sends nothing. */
  silence(): void;
  mend(): void;
  /** The worker stands still, until the server replaces it, which it does within 9 s. */
  hang(): void;
  /** The worker dies, as does each one that follows for so long. Returns when that has passed. */
  keepDying(ms: number): Promise<void>;
  pass(ms: number): Promise<void>;
}

/** What a server leaves to its worker to tell, and how long the news is under way. */
const lateMs = 1_100;

/** What event.ts promises to the core of `CaptureFact`, whatever media side is below. */
export function mediaContract(name: string, makeRig: (sourceTimeoutMs: number) => Promise<MediaRig>): void {
  const test = (what: string, run: (rig: MediaRig, limitMs: number) => Promise<void>, limitMs = 4_000): void => {
    it(what, async () => run(await makeRig(limitMs), limitMs));
  };
  const kinds = ({ facts }: MediaRig): string[] => facts.map(({ kind }) => kind).filter((kind) => kind !== 'source');
  const stalledAt = ({ facts }: MediaRig): number => facts.find(({ kind }) => kind === 'stalled')?.at ?? Number.NaN;
  const begin = async (rig: MediaRig): Promise<void> => {
    rig.start();
    await rig.pass(3_000);
    expect(kinds(rig)).toEqual(['frames']);
  };
  const expectStall = (rig: MediaRig, sinceMs: number, limitMs: number): void => {
    // The last frame came up to one frame before.
    expect(stalledAt(rig)).toBeGreaterThanOrEqual(sinceMs + limitMs - 100);
    expect(stalledAt(rig)).toBeLessThanOrEqual(sinceMs + limitMs + lateMs);
  };

  describe(`the media side, ${name}`, () => {
    test('tells frames once, and stopped as the last', async (rig) => {
      await begin(rig);
      rig.stop();
      await rig.pass(5_000);
      expect(kinds(rig)).toEqual(['frames', 'stopped']);
    });

    test('a camera that refuses from the start is stalled at source_timeout, however often it refused', async (rig, limit) => {
      rig.refuse();
      rig.start();
      await rig.pass(3 * limit);
      expect(kinds(rig)).toEqual(['stalled']);
      expectStall(rig, 0, limit);
      rig.mend();
      await rig.pass(6_000);
      expect(kinds(rig)).toEqual(['stalled', 'frames']);
    });

    test('a camera that falls silent is stalled at source_timeout', async (rig, limit) => {
      await begin(rig);
      rig.silence();
      await rig.pass(2 * limit);
      expect(kinds(rig)).toEqual(['frames', 'stalled']);
      expectStall(rig, 3_000, limit);
      rig.mend();
      await rig.pass(10_000);
      expect(kinds(rig)).toEqual(['frames', 'stalled', 'frames']);
    });

    test(
      'a camera that is back in time is not told',
      async (rig, limit) => {
        await begin(rig);
        rig.refuse();
        await rig.pass(limit / 3);
        rig.mend();
        await rig.pass(10_000);
        expect(kinds(rig)).toEqual(['frames']);
      },
      15_000,
    );

    test('a worker that hangs is not told if its successor has frames in time', async (rig) => {
      await begin(rig);
      rig.hang();
      await rig.pass(20_000);
      expect(kinds(rig)).toEqual(['frames']);
    }, 15_000);

    test('a worker that hangs for longer is told at source_timeout', async (rig, limit) => {
      await begin(rig);
      rig.hang();
      await rig.pass(20_000);
      expect(kinds(rig)).toEqual(['frames', 'stalled', 'frames']);
      expectStall(rig, 3_000, limit);
    });

    test('a worker that hangs before its first frame, too', async (rig, limit) => {
      rig.start();
      rig.hang();
      await rig.pass(20_000);
      expect(kinds(rig)).toEqual(['stalled', 'frames']);
      expectStall(rig, 0, limit);
    });

    test('workers that die again and again are told at source_timeout, over all their lives', async (rig, limit) => {
      await begin(rig);
      rig.refuse();
      await rig.keepDying(3 * limit);
      expect(kinds(rig)).toEqual(['frames', 'stalled']);
      expectStall(rig, 3_000, limit);
      rig.mend();
      await rig.pass(12_000);
      expect(kinds(rig)).toEqual(['frames', 'stalled', 'frames']);
    });

    test('what is stopped while its worker hangs has stopped when that is gone', async (rig) => {
      await begin(rig);
      rig.hang();
      rig.stop();
      await rig.pass(3_000);
      expect(kinds(rig)).toEqual(['frames']);
      await rig.pass(12_000);
      expect(kinds(rig)).toEqual(['frames', 'stopped']);
    });
  });
}
