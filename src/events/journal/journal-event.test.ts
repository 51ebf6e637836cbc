import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { unixMicros } from '../../units/time.ts';
import { formatEvent, type JournalEvent, parseEvent, toWire } from './journal-event.ts';

const event: JournalEvent = {
  server: serverName('s01'),
  life: incarnation(5),
  sequence: 1,
  at: unixMicros(Date.UTC(2026, 10, 22, 12) * 1000),
  kind: 'takeover',
  stream: streamName('cam01'),
  message: 'event 1',
};

describe('an event of a newer version', () => {
  it('is kept and passed on as it came, with what nobody here knows', () => {
    const wire = { ...(toWire(event) as object), kind: 'moon-landing', crew: [3], at: 'sea', unknown: { at: 7 } };
    const parsed = parseEvent(wire);
    expect(parsed).toMatchObject({ ...event, kind: 'moon-landing' });
    expect(parsed && toWire(parsed)).toEqual(wire);
    expect(parsed && parseEvent(JSON.parse(formatEvent(parsed)))).toEqual(parsed);
  });

  it('is kept without what nobody here knows when that is no field of an event, but a load', () => {
    const wire = { ...(toWire(event) as object), film: 'x'.repeat(4_096) };
    expect(parseEvent(wire)).toEqual(event);
  });

  it('of this version has nothing of that kind', () => {
    expect(parseEvent(toWire(event))).not.toHaveProperty('unknown');
  });

  it.each([
    undefined,
    5,
    {},
    { ...(toWire(event) as object), time: 'noon' },
    { ...(toWire(event) as object), life: 'x' },
    { ...(toWire(event) as object), time: '2300-01-01T00:00:00.000Z' },
  ])('is none without what every event has: %j', (value) => {
    expect(parseEvent(value)).toBeUndefined();
  });

  it('never ends the server, whatever a peer sends', () => {
    const time = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.string(),
    );
    const numbers = fc.oneof(fc.double(), fc.integer(), fc.constant(Number.POSITIVE_INFINITY));
    const wire = fc.record(
      {
        time,
        server: fc.string(),
        life: numbers,
        sequence: numbers,
        kind: fc.string(),
        message: fc.string(),
        stream: fc.jsonValue(),
        from: fc.jsonValue(),
        cause: fc.jsonValue(),
        tookMs: numbers,
        lostMs: numbers,
      },
      { requiredKeys: ['time', 'server', 'kind', 'message'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), wire), (value) => {
        const parsed = parseEvent(value);
        if (parsed === undefined) return;
        expect(parseEvent(JSON.parse(formatEvent(parsed)))).toEqual(parsed);
        for (const span of [parsed.tookMs ?? 0, parsed.lostMs ?? 0]) expect(Number.isFinite(span)).toBe(true);
      }),
      { examples: [[{ ...(toWire(event) as object), time: '+275760-09-13T00:00:00.000Z' }]] },
    );
  });
});

it('keeps where the loss lies', () => {
  const lost = { ...event, lostMs: 1_500, lostFrom: event.at, lostTo: unixMicros(event.at + 1_500_000) };
  expect(toWire(lost)).toMatchObject({ lostFrom: '2026-11-22T12:00:00.000Z', lostTo: '2026-11-22T12:00:01.500Z' });
  expect(parseEvent(JSON.parse(formatEvent(lost)))).toEqual(lost);
});
