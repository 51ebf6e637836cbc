import { formatDuration, parseDuration } from '../../units/duration.ts';
import { type BitsPerSecond, parseRate } from '../../units/rate.ts';
import { type Bytes, parseSize } from '../../units/size.ts';
import { type Millis, millis } from '../../units/time.ts';
import { namePlaceholder } from '../model/fill-name.ts';
import { path } from './paths.ts';
import { bad, good, type ValueType } from './value-type.ts';

/** The folder of an archive, without slashes at its end; false: `off`. */
export const archiveRoot: ValueType<string | false> = {
  label: 'ROOT',
  unit: `a folder, which may hold \`${namePlaceholder}\`, the name of the server, made safe for files; or \`off\``,
  parse(text) {
    if (text === 'off') return good(false);
    if (text.includes('://')) return bad('is a URL', 'recordings lie in a folder of the server');
    const parsed = path.parse(text);
    return parsed.ok ? good(parsed.value.replace(/(?<=.)\/+$/, '')) : parsed;
  },
};

/** A run lasts an hour, and goes whole. */
const leastAge = millis(3_600_000);

export const age: ValueType<Millis> = {
  label: 'AGE',
  unit: 'seconds, or with `m h d`; an hour at least',
  parse(text) {
    const value = parseDuration(text);
    if (value === undefined)
      return bad('is neither an age nor a size', 'write an age such as 12h or 7d, a size such as 500G');
    return value < leastAge ? bad('is out of range', `${formatDuration(leastAge)} or more`) : good(value);
  },
};

/** In bytes; a bare number is an age. */
export const size: ValueType<Bytes> = {
  label: 'SIZE',
  unit: 'with `K M G T`, powers of 1024 bytes',
  parse(text) {
    const value = /[KMGT]$/.test(text) ? parseSize(text) : undefined;
    return value === undefined || value === 0 ? bad('is no size', 'write a size such as 500G') : good(value);
  },
};

/** A share of 100. */
export const percent: ValueType<number> = {
  label: 'PERCENT',
  unit: '`0%` to `90%`',
  parse(text) {
    const value = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
    if (Number.isNaN(value)) return bad('is no share', 'write a number with %: 10%');
    return value > 90 ? bad('is out of range', 'from 0% to 90%') : good(value);
  },
};

export const rate: ValueType<BitsPerSecond> = {
  label: 'RATE',
  unit: 'bit/s, or with `k M`; `64k` or more',
  parse(text) {
    const value = parseRate(text);
    if (value === undefined) return bad('is no rate', 'write bit/s, or a number with k or M: 200M');
    return value < 64_000 ? bad('is out of range', '64k or more') : good(value);
  },
};
