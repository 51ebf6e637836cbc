import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { causes } from './cause.ts';
import { claimPhases } from './claim.ts';
import { type Message, parseMessage } from './message.ts';

const name = fc.string({ minLength: 1, maxLength: 20 });
const server = name.map(serverName);
const stream = name.map(streamName);
const count = fc.nat();
const life = fc.nat().map(incarnation);
const span = fc.double({ min: 0, max: 1e9, noNaN: true }).map(Math.abs);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const known = fc.record({ incarnation: life, revision: count });
const state = fc.record({
  server,
  incarnation: life,
  status: fc.record({
    settled: fc.boolean(),
    draining: fc.boolean(),
    leaving: fc.boolean(),
    penalized: fc.boolean(),
    minority: fc.boolean(),
    digest: name,
  }),
  base: maybe(count),
  revision: count,
  standings: fc.array(
    fc.record({
      stream,
      claim: maybe(
        fc.record(
          {
            phase: fc.constantFrom(...claimPhases),
            from: maybe(server),
            to: maybe(server),
            source: fc.integer({ min: 1, max: 9 }),
            forMs: span,
          },
          { requiredKeys: ['phase', 'from', 'to', 'forMs'] },
        ),
      ),
      failures: count,
      marked: fc.boolean(),
    }),
  ),
});
const message: fc.Arbitrary<Message> = fc.record({
  state,
  known: maybe(known),
  waitMs: span,
  heard: fc.array(
    fc.record({
      server,
      incarnation: maybe(life),
      agoMs: maybe(span),
      dead: maybe(fc.constantFrom(...causes)),
      restarts: count,
    }),
  ),
  wants: fc.array(fc.record({ server, known: maybe(known) })),
  relays: fc.array(state),
  had: fc.array(stream),
});

const plain: Message = {
  state: {
    server: serverName('s1'),
    incarnation: incarnation(7),
    status: { settled: true, draining: false, leaving: false, penalized: false, minority: false, digest: 'd' },
    base: undefined,
    revision: 3,
    standings: [
      {
        stream: streamName('cam'),
        claim: { phase: 'capturing', from: undefined, to: undefined, forMs: 5 },
        failures: 0,
        marked: false,
      },
    ],
  },
  known: undefined,
  waitMs: 0,
  heard: [],
  wants: [],
  relays: [],
  had: [],
};

describe('a message', () => {
  test('is the same after its journey as JSON', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(parseMessage(JSON.parse(JSON.stringify(sent)))).toEqual(sent);
      }),
    );
  });

  test('of a later version is understood: what is unknown is ignored, a new kind of claim is a claim', () => {
    const later = {
      ...plain,
      mood: 'good',
      state: {
        ...plain.state,
        colour: 'blue',
        standings: [{ stream: 'cam', claim: { phase: 'dreaming', forMs: 5, depth: 2 }, hue: 3 }],
      },
    };
    const standing = { stream: 'cam', claim: { phase: 'trying', forMs: 5 }, failures: 0, marked: false };
    expect(parseMessage(later)).toEqual({ ...plain, state: { ...plain.state, standings: [standing] } });
  });

  test('of an earlier version is understood: what is absent has its first meaning', () => {
    const { state: full } = plain;
    const earlier = { state: { server: full.server, incarnation: 7, status: { settled: true }, revision: 3 } };
    const status = { ...full.status, digest: '' };
    expect(parseMessage(earlier)).toEqual({ ...plain, state: { ...full, status, standings: [] } });
  });
});

describe('what is no message', () => {
  test('is refused without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseMessage(value)).toBeUndefined();
      }),
    );
  });

  test('with any field spoilt never throws, and is either refused or whole', () => {
    const spoilt = fc
      .tuple(message, fc.nat(), fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.bigInt(), fc.double()))
      .map(([sent, pick, junk]) => spoil(JSON.parse(JSON.stringify(sent)), pick, junk));
    fc.assert(
      fc.property(spoilt, (value) => {
        const parsed = parseMessage(value);
        if (parsed !== undefined) expect(parseMessage(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      }),
    );
  });

  test.each([
    ['a negative wait', { ...plain, waitMs: -1 }],
    ['a revision that is no whole number', { ...plain, state: { ...plain.state, revision: 1.5 } }],
    ['a name without end', { ...plain, state: { ...plain.state, server: 'x'.repeat(2_000) } }],
    ['more servers than there are', { ...plain, heard: Array(1_001).fill({ server: 's' }) }],
    ['an array', [plain]],
  ])('is refused: %s', (_, value) => {
    expect(parseMessage(value)).toBeUndefined();
  });
});

/** Puts junk somewhere in the tree. */
function spoil(value: unknown, pick: number, junk: unknown): unknown {
  if (typeof value !== 'object' || value === null) return junk;
  const keys = Object.keys(value);
  const key = keys[pick % (keys.length + 1)];
  if (key === undefined) return junk;
  const inner = (value as Record<string, unknown>)[key];
  const changed = spoil(inner, Math.floor(pick / (keys.length + 1)), junk);
  return Array.isArray(value)
    ? value.map((one, i) => (String(i) === key ? changed : one))
    : { ...value, [key]: changed };
}
