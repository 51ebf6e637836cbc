import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelGroup, type ModelOptions } from '../../../test/support/model-group.ts';
import { millis } from '../../units/time.ts';

const options = fc.record({
  watched: fc.boolean(),
  gopMs: fc.constantFrom(500, 1_000, 2_000),
  segmentDuration: fc.constantFrom(millis(2_000), millis(10_000), millis(30_000)),
});
/** At once, within what a camera may take, and beyond what anybody waits for. */
const closeMs = fc.constantFrom(50, 2_900, 4_100, 9_000);
const darkMs = fc.integer({ min: 1, max: 120 }).map((steps) => steps * 500);

const common = [
  fc.record({ kind: fc.constant('move' as const), closeMs }),
  fc.record({ kind: fc.constant('reload' as const), closeMs }),
  fc.record({ kind: fc.constant('kill' as const) }),
];
const parting = [
  fc.record({ kind: fc.constant('part' as const) }),
  fc.record({ kind: fc.constant('heal' as const), staysOther: fc.boolean() }),
];
const dark = fc.record({
  kind: fc.constant('dark' as const),
  forMs: darkMs,
  side: fc.constantFrom('both' as const, 'owner' as const),
});

type Step = { readonly what: Happening; readonly thenMs: number };
type Happening = (typeof common | typeof parting | [typeof dark])[number] extends fc.Arbitrary<infer T> ? T : never;

/** Something happens, and then nothing for a while. */
const stepsOf = (...kinds: fc.Arbitrary<Happening>[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({ what: fc.oneof(...kinds), thenMs: fc.integer({ min: 0, max: 60 }).map((steps) => steps * 500) }),
    { maxLength: 12 },
  );

async function played(options: ModelOptions, steps: readonly Step[]): Promise<ModelGroup> {
  const group = new ModelGroup(options);
  await group.run(3.5 * options.segmentDuration);
  for (const { what, thenMs } of steps) {
    happen(group, what);
    await group.run(thenMs);
  }
  await group.run(30 * options.segmentDuration);
  return group;
}

function happen(group: ModelGroup, what: Happening): void {
  if (what.kind === 'move') group.move(what.closeMs);
  else if (what.kind === 'reload') group.reload(what.closeMs);
  else if (what.kind === 'dark') group.dark(what.forMs, what.side);
  else if (what.kind === 'heal') group.heal(what.staysOther);
  else group[what.kind]();
}

test('whoever captures a stream, however its input closes and its server ends, a number is of one segment, and no list goes back', async () => {
  await fc.assert(
    fc.asyncProperty(options, stepsOf(...common, dark), async (drawn, steps) => {
      const group = await played(drawn, steps);
      const twice = [...group.published].filter(([, contents]) => contents.size > 1);
      expect(twice.map(([number, contents]) => [number, ...contents])).toEqual([]);
      for (const viewer of group.viewers) expect(viewer.went).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

/** The one side misses most of a minute, and is the one that stays. */
const behindAfterParting: Step[] = [
  { what: { kind: 'part' }, thenMs: 10_000 },
  { what: { kind: 'dark', forMs: 60_000, side: 'owner' }, thenMs: 75_000 },
  { what: { kind: 'heal', staysOther: false }, thenMs: 0 },
];

test('also through partitions, in which both sides give numbers, no list goes back', async () => {
  await fc.assert(
    fc.asyncProperty(options, stepsOf(...common, ...parting, dark), async (drawn, steps) => {
      const group = await played(drawn, steps);
      for (const viewer of group.viewers) expect(viewer.went).toEqual([]);
    }),
    {
      numRuns: 200,
      examples: [[{ watched: true, gopMs: 2_000, segmentDuration: millis(10_000) }, behindAfterParting]],
    },
  );
});
