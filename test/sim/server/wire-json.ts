import { Finding } from '../finding.ts';

/** To text, as every message travels. What JSON would silently change is a finding: the other side would read something else. */
export function encode(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw unfit(key, String(value));
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      throw unfit(key, typeof value);
    }
    if (value instanceof Map || value instanceof Set) throw unfit(key, value.constructor.name);
    return value;
  });
}

function unfit(key: string, what: string): Finding {
  return new Finding('contract', `a message holds ${what} in "${key}", which JSON cannot carry`);
}
