import { formatDuration, parseDuration } from '../../units/duration.ts';
import { nearest } from '../../units/nearest.ts';
import { type Millis, millis } from '../../units/time.ts';
import { bad, good, type ValueType } from './value-type.ts';

/** A span of time within a range, both ends allowed. */
export function duration(least: string, most: string): ValueType<Millis> {
  const from = parseDuration(least) ?? millis(0);
  const to = parseDuration(most) ?? millis(0);
  return {
    label: 'DURATION',
    unit: `seconds, or with \`ms s m h d\`; ${least} to ${most}`,
    parse(text) {
      const value = parseDuration(text);
      if (value === undefined)
        return bad('is no duration', 'write seconds, or a number with ms, s, m, h or d: 3, 1.5s, 500ms, 1m');
      if (value < from || value > to)
        return bad('is out of range', `from ${formatDuration(from)} to ${formatDuration(to)}`);
      return good(value);
    },
  };
}

/** A whole number within a range. */
export function count(label: string, from: number, to: number): ValueType<number> {
  return {
    label,
    unit: `a whole number, ${from} to ${to}`,
    parse(text) {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(value)) return bad('is no whole number', `from ${from} to ${to}`);
      if (value < from || value > to) return bad('is out of range', `from ${from} to ${to}`);
      return good(value);
    },
  };
}

/** A decimal number within a range. */
export function decimal(label: string, from: number, to: number): ValueType<number> {
  return {
    label,
    unit: `a number, ${from} to ${to}`,
    parse(text) {
      const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(value)) return bad('is no number', `from ${from} to ${to}`);
      if (value < from || value > to) return bad('is out of range', `from ${from} to ${to}`);
      return good(value);
    },
  };
}

/** One of a few words. */
export function choice<const W extends string>(...words: readonly W[]): ValueType<W> {
  return {
    label: words.join('|'),
    parse(text) {
      const value = words.find((word) => word === text);
      if (value !== undefined) return good(value);
      const near = nearest(text, words);
      const hint = near === undefined ? `write ${words.join(' or ')}` : `did you mean \`${near}\`?`;
      return bad(`is neither ${words.join(' nor ')}`, hint);
    },
  };
}

/** Text that means nothing to the configuration itself. */
export function text(
  label: string,
  problemOf: (text: string) => string | undefined = () => undefined,
): ValueType<string> {
  return {
    label,
    parse(value) {
      const problem = value === '' ? 'is empty' : problemOf(value);
      return problem === undefined ? good(value) : bad(problem);
    },
  };
}
