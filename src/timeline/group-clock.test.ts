import { describe, expect, it } from 'vitest';
import { serverName } from '../units/ids.ts';
import { instant, unixMicros } from '../units/time.ts';
import { type ClockReading, GroupClock } from './group-clock.ts';

const utc = 1_800_000_000_000_000;
const seconds = 1_000_000;
const [b, c] = [serverName('b'), serverName('c')];

/** Its monotonic clock is 5 s ahead of the one under test, its system clock wrong by so much. */
function peerReading(at: number, wrongBy: number, held?: number): ClockReading {
  const base = { receivedMs: at + 5000, sentMs: at + 5000, systemOffset: utc - 5 * seconds + wrongBy };
  return held === undefined ? base : { ...base, groupOffset: utc - 5 * seconds + held };
}

function hear(clock: GroupClock, at: number, wrong: { b?: number; c?: number }, held?: number): void {
  const own = { sent: instant(at - 1), answered: instant(at + 1) };
  if (wrong.b !== undefined) clock.heard(b, peerReading(at, wrong.b, held), own);
  if (wrong.c !== undefined) clock.heard(c, peerReading(at, wrong.c, held), own);
}

const wallAt = (at: number, wrongBy = 0) => unixMicros(utc + at * 1000 + wrongBy);

describe('the group clock', () => {
  it('is the system clock of a server alone', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    expect(clock.utc(instant(1000))).toBe(utc + seconds);
  });

  it('takes the median at once while nothing is captured', () => {
    const clock = new GroupClock(instant(0), wallAt(0, 3600 * seconds));
    hear(clock, 100, { b: 0, c: 20_000 });
    clock.adjust(instant(200), wallAt(200, 3600 * seconds), 'nothing');
    expect(clock.utc(instant(200))).toBe(utc + 200_000 + 20_000);
  });

  it('follows those that capture rather than the system clocks', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    hear(clock, 100, { b: 0, c: 0 }, 700_000);
    clock.adjust(instant(200), wallAt(200), 'nothing');
    expect(clock.utc(instant(200))).toBe(utc + 200_000 + 700_000);
  });

  it('slews by half a millisecond a second while capturing, whatever the system clock does', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    clock.adjust(instant(0), wallAt(0), 'group');
    clock.adjust(instant(2000), wallAt(2000, -3600 * seconds), 'group');
    expect(clock.utc(instant(2000))).toBe(utc + 2 * seconds - 1000);
  });

  it("agrees with its peers at once while only a server's own streams run, and slews when it has none", () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    clock.adjust(instant(2000), wallAt(2000, -3600 * seconds), 'own');
    expect(clock.utc(instant(2000))).toBe(utc + 2 * seconds - 1000);
    hear(clock, 3000, { b: 40_000, c: 40_000 });
    clock.adjust(instant(3000), wallAt(3000, -3600 * seconds), 'own');
    expect(clock.utc(instant(3000))).toBe(utc + 3 * seconds + 40_000);
    expect(clock.reading(instant(3000), instant(3000)).groupOffset).toBeUndefined();
  });

  it('tells its own offset only when segments were cut by it', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    clock.adjust(instant(1), wallAt(1), 'nothing');
    expect(clock.reading(instant(1), instant(2)).groupOffset).toBeUndefined();
    clock.adjust(instant(2), wallAt(2), 'group');
    expect(clock.reading(instant(1), instant(2)).groupOffset).toBe(utc);
  });

  it('believes the shortest round trip', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    hear(clock, 100, { b: 0 });
    // Delayed by 2 s on the way back: alone it would tell a second.
    clock.heard(b, peerReading(3000, 0), { sent: instant(3000), answered: instant(5000) });
    expect(clock.skew(b, instant(5000))).toBeCloseTo(0);
  });

  it('knows a peer that lives anew by its other monotonic clock', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    hear(clock, 100, { b: 0 });
    const anew = { receivedMs: 10, sentMs: 10, systemOffset: utc + 200_000 + 5000 - 10_000 };
    clock.heard(b, anew, { sent: instant(195), answered: instant(205) });
    expect(clock.skew(b, instant(210))).toBeCloseTo(5);
  });

  it('shows skew, and none of a peer that is silent', () => {
    const clock = new GroupClock(instant(0), wallAt(0));
    hear(clock, 100, { b: 90_000 });
    expect(clock.skew(b, instant(200))).toBeCloseTo(90);
    expect(clock.skew(b, instant(100_000))).toBeUndefined();
    expect(clock.skew(c, instant(200))).toBeUndefined();
  });
});
