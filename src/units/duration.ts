import { type Millis, millis } from './time.ts';

/** Longest unit first, so that formatting finds the shortest text. */
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const pattern = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/;

/**
 * `3`, `1.5s`, `500ms`, `7d`: a bare number is seconds. Undefined when the text is no duration.
 * What is too long to count in milliseconds becomes the longest that can be, which every range refuses.
 */
export function parseDuration(text: string): Millis | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix = 's'] = match;
  const unit = units.find(([name]) => name === suffix);
  if (unit === undefined) return undefined;
  return millis(Math.min(Math.round(Number(number) * unit[1]), Number.MAX_SAFE_INTEGER));
}

/** The shortest text that reads back as the same whole number of milliseconds: `3s`, `90s`, `1500ms`. */
export function formatDuration(value: Millis): string {
  const whole = Math.round(value);
  const [suffix, size] = units.find(([, size]) => whole !== 0 && whole % size === 0) ?? ['s', 1000];
  return `${whole / size}${suffix}`;
}
