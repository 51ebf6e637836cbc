import { describe, expect, test } from 'vitest';
import { unixMicros } from '../units/time.ts';
import { Anchor } from './anchor.ts';

const ms = 1_000;
const second = 1_000_000;
/** UTC when the first frame arrives. */
const epoch = 1_800_000_000 * second;

interface Arrival {
  /** Of the source, microseconds. */
  readonly source: number;
  /** Since `epoch`, microseconds. */
  readonly at: number;
}

function observe(anchor: Anchor, arrivals: readonly Arrival[]): void {
  for (const { source, at } of arrivals) anchor.observe(source, unixMicros(epoch + at));
}

/** 25 frames a second from `from` on; `late` says how long each takes to arrive, beyond its time. */
function live(from: number, seconds: number, late: (i: number) => number = () => 0): Arrival[] {
  return Array.from({ length: seconds * 25 }, (_, i) => ({ source: i * 40 * ms, at: from + i * 40 * ms + late(i) }));
}

describe('the first moments', () => {
  test('without a burst they last half a second', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1).slice(0, 13));
    expect(anchor.micros).toBeUndefined();
    observe(anchor, live(0, 1).slice(13, 14));
    expect(anchor.micros).toBe(epoch);
  });

  test('the smallest arrival-minus-timestamp counts, not the first', () => {
    const anchor = new Anchor();
    observe(
      anchor,
      live(0, 2, (i) => (i === 5 ? 0 : 80 * ms)),
    );
    expect(anchor.micros).toBe(epoch);
  });

  test('a burst of the past is placed in the past', () => {
    const anchor = new Anchor();
    const burst = Array.from({ length: 100 }, (_, i) => ({ source: i * 40 * ms, at: i * ms }));
    const after = Array.from({ length: 50 }, (_, i) => ({ source: (100 + i) * 40 * ms, at: 100 * ms + i * 40 * ms }));
    observe(anchor, [...burst, ...after]);
    // The first live frame, 4 s into the source, arrived 0.1 s after the start.
    expect(anchor.micros).toBe(epoch - 3_900 * ms);
  });

  test('a burst that goes on is waited for, but not for ever', () => {
    const anchor = new Anchor();
    const twice = Array.from({ length: 200 }, (_, i) => ({ source: i * 40 * ms, at: i * 20 * ms }));
    observe(anchor, twice.slice(0, 100));
    expect(anchor.micros).toBeUndefined();
    observe(anchor, twice.slice(100, 102));
    expect(anchor.micros).toBeDefined();
  });

  test('are cut short by settle', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1).slice(0, 2));
    expect(anchor.settle()).toBe(epoch);
  });
});

describe('drift', () => {
  /** A minute of segments of 2 s from a source whose clock is off by `ppm`; returns the largest slew and the last error. */
  function follow(ppm: number, minutes: number): { readonly slew: number; readonly error: number } {
    const anchor = new Anchor();
    let slew = 0;
    let error = 0;
    for (let i = 0; i < minutes * 30 * 50; i++) {
      const at = i * 40 * ms;
      const source = Math.round(at * (1 + ppm / 1e6));
      anchor.observe(source, unixMicros(epoch + at));
      const before = anchor.micros;
      if (before === undefined || i % 50 !== 49) continue;
      expect(anchor.slew()).toBe('kept');
      slew = Math.max(slew, Math.abs((anchor.micros ?? 0) - before));
      error = epoch + at - (source + (anchor.micros ?? 0));
    }
    return { slew, error };
  }

  test.each([50, -50, 400, -400])('%d ppm is followed within 15 ms, at most 1 ms a segment', (ppm) => {
    const { slew, error } = follow(ppm, 60);
    expect(slew).toBeLessThanOrEqual(ms);
    expect(Math.abs(error)).toBeLessThan(15 * ms);
  });

  test('jitter alone moves nothing', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1));
    const before = anchor.micros;
    for (let segment = 0; segment < 100; segment++) {
      observe(
        anchor,
        live((1 + segment * 2) * second, 2, (i) => ((i * 7919) % 50) * ms).map((a) => ({
          ...a,
          source: a.source + (1 + segment * 2) * second,
        })),
      );
      anchor.slew();
    }
    expect(anchor.micros).toBe(before);
  });

  test('one late segment moves it by a millisecond at most', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1));
    anchor.slew();
    const before = anchor.micros ?? 0;
    observe(
      anchor,
      live(5 * second, 2, () => 300 * ms).map((a) => ({ ...a, source: a.source + 5 * second })),
    );
    anchor.slew();
    expect((anchor.micros ?? 0) - before).toBe(ms);
  });
});

describe('sources whose clock can not be followed', () => {
  test('a frame from the future is ahead', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1));
    expect(anchor.isAhead(3 * second, unixMicros(epoch + 2.1 * second))).toBe(false);
    expect(anchor.isAhead(4 * second, unixMicros(epoch + 2.1 * second))).toBe(true);
  });

  test('one that fell behind by half a minute is lost', () => {
    const anchor = new Anchor();
    observe(anchor, live(0, 1));
    anchor.slew();
    observe(anchor, [{ source: 2 * second, at: 33 * second }]);
    expect(anchor.slew()).toBe('lost');
  });
});
