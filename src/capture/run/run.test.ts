import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryRunStore } from '../../../test/support/memory-run-store.ts';
import { type Slab, SlabPool } from '../frames/slab.ts';
import { Run } from './run.ts';
import { WriteBudget } from './write-budget.ts';

function run(): {
  readonly run: Run;
  readonly store: MemoryRunStore;
  readonly budget: WriteBudget;
  readonly errors: unknown[];
} {
  const store = new MemoryRunStore();
  const budget = new WriteBudget(100);
  const errors: unknown[] = [];
  return { run: new Run({ path: 'r', store, budget, failed: (error) => errors.push(error) }), store, budget, errors };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('Run', () => {
  test('writes in order what is appended while the disk is busy, and says where it lies', async () => {
    const { run: on, store } = run();
    expect([on.append([bytes(1), bytes(2, 3)], 3), on.append([bytes(4)], 1), on.append([bytes(5)], 1)]).toEqual([
      0, 3, 4,
    ]);
    expect(await on.written(5)).toBe(true);
    expect([...store.read('r', 0, 5)]).toEqual([1, 2, 3, 4, 5]);
    await on.close();
  });

  test('lets go of memory when it is written, not before', async () => {
    const { run: on, store, budget } = run();
    store.mode = 'hangs';
    const memory = bytes(7, 7);
    let done = false;
    on.append([memory], 2, () => {
      done = true;
      memory.fill(0);
    });
    await Promise.resolve();
    expect(done).toBe(false);
    store.mode = 'ok';
    expect(await on.written(2)).toBe(true);
    expect(done).toBe(true);
    expect([...store.read('r', 0, 2)]).toEqual([7, 7]);
    expect(budget.exhausted).toBe(false);
  });

  test('a failed write ends it: what was written stays good, the rest is told and let go', async () => {
    const { run: on, store, budget, errors } = run();
    on.append([bytes(1)], 1);
    expect(await on.written(1)).toBe(true);
    store.mode = 'full';
    let released = 0;
    const release = (): void => {
      released += 1;
    };
    on.append([new Uint8Array(100)], 100, release);
    on.append([bytes(3)], 1, release);
    expect(budget.exhausted).toBe(true);
    expect(await on.written(101)).toBe(false);
    expect(await on.written(1)).toBe(true);
    on.append([bytes(4)], 1, release);
    expect([on.broken, released, errors.length, budget.exhausted]).toEqual([true, 3, 1, false]);
    await on.close();
  });

  test('one that can not be made is closed without a word', async () => {
    const { run: on, store, errors } = run();
    store.mode = 'full';
    on.append([bytes(1)], 1);
    expect(await on.written(1)).toBe(false);
    await on.close();
    expect(errors).toHaveLength(1);
  });
});

describe('SlabPool', () => {
  test('hands out memory again that everybody has let go of, and only such', () => {
    const step = fc.record({ take: fc.boolean(), size: fc.integer({ min: 1, max: 200_000 }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const pool = new SlabPool();
        const held: Slab[] = [];
        for (const { take, size, which } of steps) {
          if (take) {
            const slab = pool.take(size);
            expect(held.some((other) => other.bytes.buffer === slab.bytes.buffer)).toBe(false);
            expect(slab.room).toBeGreaterThanOrEqual(size);
            slab.hold();
            held.push(slab, slab);
          } else {
            held.splice(which % Math.max(1, held.length), 1)[0]?.release();
          }
        }
      }),
    );
  });

  test('uses the same memory twice', () => {
    const pool = new SlabPool();
    const first = pool.take(20_000);
    first.release();
    expect(pool.take(20_000)).toBe(first);
  });
});
