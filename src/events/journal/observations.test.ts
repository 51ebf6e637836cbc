import { describe, expect, test } from 'vitest';
import { incarnation, serverName } from '../../units/ids.ts';
import { unixMicros } from '../../units/time.ts';
import type { EventKind } from './event-kinds.ts';
import type { JournalEvent } from './journal-event.ts';
import { observationsOf } from './observations.ts';

let sequence = 0;

/** What `server` tells at second `at` of life `fromLife` of s9. */
function told(server: string, at: number, kind: EventKind = 'server-down', fromLife = 1): JournalEvent {
  return {
    server: serverName(server),
    life: incarnation(1),
    sequence: ++sequence,
    at: unixMicros(at * 1_000_000),
    kind,
    from: serverName('s9'),
    fromLife: incarnation(fromLife),
    message: `${server} tells`,
  };
}

const shown = (events: readonly JournalEvent[]) =>
  observationsOf(events).map(({ event, observedBy }) => [event.at / 1_000_000, event.kind, observedBy.join(' ')]);

describe('what several servers see', () => {
  test('is one event of its first witness, whatever order it became known in', () => {
    const events = [told('s3', 12), told('s1', 10), told('s2', 10.2)];
    const expected = [[10, 'server-down', 's1 s2 s3']];
    expect(shown(events)).toEqual(expected);
    expect(shown(events.toReversed())).toEqual(expected);
  });

  test('of nineteen servers in one death is one line', () => {
    const events = Array.from({ length: 19 }, (_, i) => told(`s${i + 10}`, 5 + i / 10));
    expect(observationsOf(events)).toHaveLength(1);
    expect(observationsOf(events)[0]?.observedBy).toHaveLength(19);
  });

  test.each<[string, JournalEvent[], number]>([
    ['another life', [told('s1', 10), told('s2', 11, 'server-down', 2)], 2],
    ['another kind', [told('s1', 10), told('s2', 11, 'server-up')], 2],
    ['much later', [told('s1', 10), told('s2', 41)], 2],
    ['told again by the same server', [told('s1', 10), told('s2', 11), told('s1', 12), told('s2', 13)], 2],
    ['of the configuration', [told('s1', 10, 'config-drift'), told('s2', 11, 'config-drift')], 1],
  ])('stays apart when it is not the same: %s', (_, events, count) => {
    expect(observationsOf(events)).toHaveLength(count);
  });

  test('comes in the same order everywhere, though its origin knows the time better than it travels', () => {
    const events = Array.from({ length: 12 }, (_, i) => ({
      ...told('s1', 10, 'takeover'),
      sequence: 9 + (i % 3) * 100 + i,
    }));
    const exact = events.map((event, i) => ({ ...event, at: unixMicros(event.at + 900 - i) }));
    const order = (list: readonly JournalEvent[]) => observationsOf(list).map(({ event }) => event.sequence);
    expect(order(exact)).toEqual(order(events));
    expect(order(events)).toEqual(order(events).toSorted((a, b) => a - b));
  });

  test('and what only one can tell is left as it is', () => {
    const events = [told('s1', 10, 'takeover'), told('s2', 10, 'takeover'), told('s1', 11, 'settled')];
    expect(shown(events)).toEqual([
      [10, 'takeover', 's1'],
      [10, 'takeover', 's2'],
      [11, 'settled', 's1'],
    ]);
  });
});
