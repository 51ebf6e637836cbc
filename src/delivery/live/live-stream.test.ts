import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cam,
  type FakeSurroundings,
  s01,
  s02,
  s03,
  surroundings,
  windowOf,
} from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { between, type Instant } from '../../units/time.ts';
import { listFor } from '../playlist-answer.ts';
import { HoldCount } from '../ports/changes.ts';
import { Reach } from '../route/reach.ts';
import { LiveStream } from './live-stream.ts';
import type { ShownList } from './shown-list.ts';
import { longestBehind } from './shown-window.ts';

const server = fc.constantFrom(s01, s02, s03);
/** What may happen between two requests: somebody's window moves, in any direction, or breaks; the owner changes; time passes. */
const happening = fc.oneof(
  fc.record({
    kind: fc.constant('window' as const),
    server,
    last: fc.integer({ min: 1, max: 40 }),
    length: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('broken' as const), server }),
  fc.record({ kind: fc.constant('owner' as const), server: fc.option(server, { nil: undefined }) }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.nat(3000) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** A request is held for so long at most, so a list may be older than it was when it was seen first. */
const longestHold = 8_000;

test('whatever servers say and whoever owns the stream, a viewer sees no numbers go back before a successor had its time, and is answered in time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const around = surroundings(s01);
      const clock = new ManualClock();
      const live = liveStream(around, clock);
      const seen: { readonly list: ShownList; readonly at: Instant }[] = [];
      for (const what of happenings) {
        await happen(what, around, clock);
        const before = seen.length;
        void Promise.resolve()
          .then(() => listFor(live, clock, () => new AbortController().signal))
          .then((list) => seen.push({ list, at: clock.monotonic() }))
          .catch(() => undefined);
        const known = live.list !== undefined && !live.isLost;
        await clock.advance(ms(known ? longestHold : 0));
        if (known) expect(seen.length).toBeGreaterThan(before);
      }
      live.close();
      let since = seen[0]?.at ?? clock.monotonic();
      for (let i = 1; i < seen.length; i++) {
        const [earlier, later] = [seen[i - 1]?.list.window.segments ?? [], seen[i]?.list.window.segments ?? []];
        const at = seen[i]?.at ?? since;
        const wentBack =
          (later[0]?.number ?? 0) < (earlier[0]?.number ?? 0) ||
          (later.at(-1)?.number ?? 0) < (earlier.at(-1)?.number ?? 0);
        if (wentBack) expect(between(since, at)).toBeGreaterThanOrEqual(longestBehind - longestHold);
        if (later !== earlier) since = at;
        expect(later.every((segment, k) => segment.number === (later[0]?.number ?? 0) + k)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

test('a successor that counts otherwise is shown when it had its time to catch up, and not before', async () => {
  const around = surroundings(s01);
  const clock = new ManualClock();
  around.setOwner(s02);
  around.setRemote(s02, windowOf(1000, 1007, s02));
  const live = liveStream(around, clock);
  await clock.advance(ms(0));
  const last = (): number | undefined => live.list?.lastNumber;
  expect(last()).toBe(1007);
  around.setOwner(s03);
  for (let number = 500; number < 515; number++) {
    around.setRemote(s03, windowOf(500, number, s03));
    await clock.advance(ms(2_000));
    expect(last()).toBe(1007);
  }
  await clock.advance(ms(2_000));
  around.setRemote(s03, windowOf(508, 515, s03));
  await clock.advance(ms(0));
  expect(last()).toBe(515);
  expect(live.isCurrent).toBe(true);
  live.close();
});

function liveStream(around: FakeSurroundings, clock: ManualClock): LiveStream {
  const { group, windows } = around;
  const reach = new Reach(around.reach, group, clock);
  return new LiveStream({ stream: cam, group, windows, clock, holds: new HoldCount(), reach });
}

test('the owner hears with every question what viewers here were shown', async () => {
  const around = surroundings(s01);
  const clock = new ManualClock();
  around.setOwner(s02);
  around.setRemote(s02, windowOf(1000, 1007, s02));
  const live = liveStream(around, clock);
  await clock.advance(ms(0));
  around.setOwner(s03);
  await clock.advance(ms(0));
  expect(around.polls.map(({ owner, shown }) => [owner, shown])).toEqual([
    [s02, undefined],
    [s02, 1007],
    [s03, 1007],
  ]);
  live.close();
});

async function happen(what: Happening, around: ReturnType<typeof surroundings>, clock: ManualClock): Promise<void> {
  switch (what.kind) {
    case 'window':
      return tell(what.server, windowOf(Math.max(1, what.last - what.length + 1), what.last, what.server), around);
    case 'broken':
      return tell(what.server, undefined, around);
    case 'owner':
      return around.setOwner(what.server);
    case 'time':
      return clock.advance(ms(what.ms));
  }
}

function tell(
  by: ServerName,
  window: ReturnType<typeof windowOf> | undefined,
  around: ReturnType<typeof surroundings>,
): void {
  if (by === around.self) around.setLocal(window);
  else around.setRemote(by, window);
}
