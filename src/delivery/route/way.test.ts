import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ServerName, serverName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { longestHold, type Situation, type Way, wayTo } from './way.ts';

const [a, b, c] = ['a', 'b', 'c'].map(serverName) as [ServerName, ServerName, ServerName];
const at = (situation: Partial<Situation>): Way =>
  wayTo({ self: a, owner: b, ownerDown: false, hops: 0, waited: millis(0), ...situation });

test.each<[string, Partial<Situation>, Partial<Way>]>([
  ['the owner serves', { owner: a }, { kind: 'serve' }],
  ['the owner serves whatever the URL says', { owner: a, hops: 99 }, { kind: 'serve' }],
  ['another server redirects', {}, { kind: 'redirect', to: b, hops: 1 }],
  ['a redirected request is held for a moment', { hops: 1 }, { kind: 'wait', until: millis(1000) }],
  ['and then redirected once more', { hops: 1, waited: millis(1000) }, { kind: 'redirect', to: b, hops: 2 }],
  ['past the limit it is relayed', { hops: 2, waited: millis(1000) }, { kind: 'relay', to: b, hops: 3 }],
  ['a relay is never relayed or redirected', { hops: 3, waited: millis(7999) }, { kind: 'wait', until: longestHold }],
  ['nor held for ever', { hops: 3, waited: millis(8000) }, { kind: 'refuse', code: 'too-many-hops' }],
  ['without an owner it is held', { owner: undefined, waited: millis(7999) }, { kind: 'wait', until: longestHold }],
  ['and then refused', { owner: undefined, waited: millis(8000) }, { kind: 'refuse', code: 'stream-unavailable' }],
  ['nobody is sent to a dead owner', { ownerDown: true }, { kind: 'wait', until: longestHold }],
])('%s', (_case, situation, way) => {
  expect(at(situation)).toMatchObject(way);
});

test('servers with any views, changing at any time, never send a request in circles, and each answers within its hold', () => {
  const owner = fc.constantFrom(a, b, c, undefined);
  // What a server believes in each of its moments: a new view every 100 ms.
  const views = fc.record({
    a: fc.array(owner, { minLength: 1 }),
    b: fc.array(owner, { minLength: 1 }),
    c: fc.array(owner, { minLength: 1 }),
  });
  fc.assert(
    fc.property(views, fc.constantFrom(a, b, c), fc.nat(5), (beliefs, entry, forgedHops) => {
      let at = entry;
      let hops = forgedHops;
      let now = 0;
      for (let requests = 1; ; requests++) {
        expect(requests).toBeLessThanOrEqual(4);
        const [way, waited] = decide(beliefs[at as 'a' | 'b' | 'c'], at, hops, now);
        now += waited;
        expect(waited).toBeLessThanOrEqual(longestHold);
        if (way.kind === 'serve' || way.kind === 'refuse') return;
        if (way.kind === 'wait') throw new Error('undecided');
        expect(way.to).not.toBe(at);
        expect(way.hops).toBeGreaterThan(hops);
        at = way.to;
        hops = way.hops;
      }
    }),
    { numRuns: 1000 },
  );
});

/** As the shell does it: asks again whenever the view may have changed. */
function decide(
  beliefs: readonly (ServerName | undefined)[],
  self: ServerName,
  hops: number,
  arrived: number,
): [Way, number] {
  for (let waited = 0; waited <= longestHold; waited += 100) {
    const owner = beliefs[Math.floor((arrived + waited) / 100) % beliefs.length];
    const way = wayTo({ self, owner, ownerDown: false, hops, waited: millis(waited) });
    if (way.kind !== 'wait') return [way, waited];
    expect(way.until).toBeGreaterThan(waited);
  }
  return [{ kind: 'wait', until: longestHold }, longestHold];
}
