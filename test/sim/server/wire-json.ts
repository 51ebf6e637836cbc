import { Finding } from '../finding.ts';

/** Of so many messages one is looked into: the check is a third of a world's cost, and messages are alike. */
const lookedInto = 16;

/** Turns a process's messages into text, as they travel. What JSON would silently change is a finding: the peer would read something else. */
export class WireJson {
  #count = 0;

  encode(message: unknown): string {
    return this.#count++ % lookedInto === 0 ? encodeStrictly(message) : JSON.stringify(message);
  }
}

function encodeStrictly(message: unknown): string {
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
