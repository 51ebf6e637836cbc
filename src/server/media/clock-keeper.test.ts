import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { Captured } from '../../timeline/group-clock.ts';
import { serverName } from '../../units/ids.ts';
import { type Millis, type UnixMicros, unixMicros } from '../../units/time.ts';
import { ClockKeeper } from './clock-keeper.ts';

const peer = serverName('peer');
const epoch = 1_800_000_000_000_000;
const second = 1_000_000;

function keeper(captured: Captured = 'nothing') {
  let stepped = 0;
  const clock = new (class extends ManualClock {
    override wall = (): UnixMicros => unixMicros(super.wall() + stepped);
  })(unixMicros(epoch));
  const told: UnixMicros[] = [];
  const skews: Millis[] = [];
  const aheads: Millis[] = [];
  let now: Captured = captured;
  const made = new ClockKeeper({
    clock,
    version: '1.2.3',
    captured: () => now,
    tellWorkers: (offset) => told.push(offset),
    onSkew: (_, skew) => skews.push(skew),
    onGroupAhead: (ahead) => aheads.push(ahead),
  });
  /** The peer's clocks by its answer of this moment; its monotonic clock is this one's. */
  const hear = (systemAhead: number, more: object = {}): void => {
    const at = clock.monotonic();
    made.heard(peer, { receivedMs: at, sentMs: at, systemOffset: epoch + systemAhead, ...more }, at, at);
  };
  return {
    made,
    clock,
    told,
    skews,
    aheads,
    hear,
    step: (by: number) => (stepped += by),
    capture: (what: Captured) => (now = what),
  };
}

describe('the keeper of the clock', () => {
  it.each<[string, Captured, number]>([
    ['nothing is captured', 'nothing', 10 * second],
    ['only streams of its own are captured', 'own', 10 * second],
    ['streams of the group are captured', 'group', 500],
  ])('takes the agreed time while %s', async (_, captured, moved) => {
    const { made, clock, hear, told } = keeper(captured);
    await clock.advance(ms(1_000));
    hear(20 * second);
    expect(made.utc()).toBe(epoch + second + (captured === 'group' ? 0 : moved));
    await clock.advance(ms(1_000));
    expect(made.utc()).toBe(epoch + 2 * second + moved);
    expect(told).toEqual([epoch, epoch + moved]);
    made.close();
  });

  it('follows who captures for the group already', () => {
    const { made, clock, hear } = keeper('own');
    hear(0, { groupOffset: epoch + 7 * second });
    expect(made.utcAt(clock.monotonic())).toBe(epoch + 7 * second);
    made.close();
  });

  it('tells once a day that the group counts by a time that all system clocks have left', async () => {
    const { made, clock, aheads, hear, step } = keeper('group');
    await clock.advance(ms(60_000));
    expect([aheads, made.ahead]).toEqual([[], 0]);
    step(-3_600 * second);
    for (let i = 0; i < 60; i++) {
      await clock.advance(ms(1_000));
      hear(-3_600 * second, { groupOffset: epoch });
    }
    expect(made.skew(peer)).toBeCloseTo(0);
    expect(made.ahead / 1_000).toBeCloseTo(3_600, 0);
    expect(aheads.map((ahead) => Math.round(ahead / 1_000))).toEqual([3_600]);
    await clock.advance(ms(24 * 3_600_000));
    expect(aheads).toHaveLength(2);
    made.close();
  });

  it('tells the workers only what they could notice', async () => {
    const { made, clock, told, hear, capture } = keeper();
    hear(180);
    expect(told).toEqual([epoch]);
    hear(220);
    expect(told).toEqual([epoch, epoch + 110]);
    capture('group');
    await clock.advance(ms(5_000));
    expect(told).toHaveLength(2);
    made.close();
  });

  it('tells a reading with its version, and the time it keeps once the group is captured by it', async () => {
    const { made, clock, capture } = keeper();
    const received = clock.monotonic();
    expect(made.reading(received)).toEqual({ version: '1.2.3', receivedMs: 0, sentMs: 0, systemOffset: epoch });
    capture('group');
    await clock.advance(ms(1_000));
    expect(made.reading(received)).toMatchObject({ receivedMs: 0, sentMs: 1000, groupOffset: epoch });
    made.close();
  });

  it("knows a peer's version and skew, and speaks up from a second on", () => {
    const { made, hear, skews } = keeper();
    expect([made.version(peer), made.skew(peer)]).toEqual([undefined, undefined]);
    hear(0.9 * second, { version: '1.2.4' });
    expect([made.version(peer), made.skew(peer)]).toEqual(['1.2.4', 900]);
    expect(skews).toEqual([]);
    hear(3 * second);
    expect(skews).toEqual([3_000]);
    made.close();
  });

  it.each([[undefined], ['now'], [{ receivedMs: 1, sentMs: Number.NaN, systemOffset: 1 }], [{ version: '9' }]])(
    'learns nothing from %j',
    (told) => {
      const { made, clock } = keeper();
      made.heard(peer, told, clock.monotonic(), clock.monotonic());
      expect([made.version(peer), made.skew(peer), made.utc()]).toEqual([undefined, undefined, epoch]);
      made.close();
    },
  );

  it('moves nothing any more once closed', async () => {
    const { made, clock, told, hear } = keeper();
    made.close();
    hear(0);
    await clock.advance(ms(10_000));
    expect(told).toEqual([epoch]);
  });
});
