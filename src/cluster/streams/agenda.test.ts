import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant, never } from '../../units/time.ts';
import { Agenda } from './agenda.ts';

test('is a sorted list of one instant a key', () => {
  const operation = fc.oneof(
    fc.record({ key: fc.nat({ max: 30 }), at: fc.nat({ max: 100 }) }),
    fc.record({ key: fc.nat({ max: 30 }), at: fc.constant(never as number) }),
    fc.record({ take: fc.nat({ max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const agenda = new Agenda<number>();
      const model = new Map<number, number>();
      for (const one of operations) {
        if ('take' in one) {
          const due = [...model].filter(([, at]) => at <= one.take);
          const taken = agenda.take(instant(one.take));
          expect(taken.map((key) => model.get(key))).toEqual(due.map(([, at]) => at).sort((a, b) => a - b));
          expect(taken.toSorted()).toEqual(due.map(([key]) => key).sort());
          for (const [key] of due) model.delete(key);
        } else {
          agenda.set(one.key, one.at === never ? never : instant(one.at));
          if (one.at === never) model.delete(one.key);
          else model.set(one.key, one.at);
        }
        expect(agenda.next()).toBe(Math.min(never, ...model.values()));
      }
    }),
  );
});
