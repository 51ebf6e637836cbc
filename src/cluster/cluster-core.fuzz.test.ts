import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation, serverName, streamName } from '../units/ids.ts';
import { instant, millis } from '../units/time.ts';
import { createClusterCore } from './cluster-core.ts';
import { claimPhases } from './message/claim.ts';
import { parseMessage } from './message/message.ts';
import type { Effect } from './step/effect.ts';
import type { CaptureFact, Event, PollFailure, ProbeResult } from './step/event.ts';
import { testConfig } from './testing/test-config.ts';
import { TestGroup } from './testing/test-group.ts';

/** s9 and cam9 are strangers. */
const server = fc.constantFrom('s1', 's2', 's3', 's9').map(serverName);
const stream = fc.constantFrom('cam1', 'cam2', 'cam3', 'cam9').map(streamName);
const small = fc.nat({ max: 40 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const life = fc.nat({ max: 5 }).map(incarnation);
const known = fc.record({ incarnation: life, revision: small });

const state = fc.record({
  server,
  incarnation: life,
  status: fc.record({
    settled: fc.boolean(),
    draining: fc.boolean(),
    leaving: fc.boolean(),
    penalized: fc.boolean(),
    minority: fc.boolean(),
    digest: fc.constantFrom('one', 'two'),
  }),
  base: maybe(small),
  revision: small,
  standings: fc.array(
    fc.record({
      stream,
      claim: maybe(
        fc.record({ phase: fc.constantFrom(...claimPhases), from: maybe(server), to: maybe(server), forMs: small }),
      ),
      failures: fc.nat({ max: 2 }),
      marked: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});

const message = fc.record({
  state,
  known: maybe(known),
  waitMs: fc.constantFrom(0, 3_000, 1e12),
  heard: fc.array(
    fc.record({
      server,
      incarnation: maybe(life),
      agoMs: maybe(fc.constantFrom(0, 5_000, 1e9)),
      dead: maybe(fc.constantFrom('silent' as const, 'process-dead' as const)),
      restarts: small,
    }),
    { maxLength: 4 },
  ),
  wants: fc.array(fc.record({ server, known: maybe(known) }), { maxLength: 3 }),
  relays: fc.array(state, { maxLength: 2 }),
  had: fc.array(stream, { maxLength: 2 }),
});

const failure = fc.constantFrom<PollFailure>('refused', 'reset', 'timeout', 'unreachable', 'rejected');
const probe = fc.constantFrom<ProbeResult>('answered', 'refused', 'silent');
const fact = fc.constantFrom<CaptureFact>(
  { kind: 'frames' },
  { kind: 'ready' },
  { kind: 'stalled', error: 'x' },
  { kind: 'stopped' },
);
const configs = [
  testConfig({ streams: 3 }),
  { ...testConfig({ streams: 2 }), digest: 'two' },
  { ...testConfig({ servers: 2, streams: 3 }), digest: 'two', partition: 'majority' as const },
  { ...testConfig({ streams: 3, stream: { handover: 'break' } }), digest: 'two' },
];

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Event>({ type: 'wake' }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('request' as const), from: server, message, reply: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('request-gone' as const), reply: small }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('answer' as const), peer: server, poll: small, message }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('poll-failed' as const), peer: server, poll: small, reason: failure }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('probe-request' as const), from: server, target: server, reply: small }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('probe-result' as const), target: server, probe: small, result: probe }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('witness-result' as const),
      witness: server,
      target: server,
      ask: small,
      result: probe,
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('capture' as const), stream, attempt: small, fact }) },
  { weight: 1, arbitrary: fc.constantFrom(...configs).map((config): Event => ({ type: 'config', config })) },
  { weight: 1, arbitrary: fc.constantFrom<Event>({ type: 'drain' }, { type: 'undrain' }, { type: 'leave' }) },
);

/** Mostly the core's own numbers, so that random events get through to the rules. */
class Aim {
  readonly #polls = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly replies = new Map<number, number>();

  at(one: Event, unique: number): Event {
    switch (one.type) {
      case 'request':
        this.replies.set(unique, 0);
        return {
          ...one,
          message: { ...one.message, state: { ...one.message.state, server: one.from } },
          reply: unique,
        };
      case 'answer':
        return {
          ...one,
          poll: this.#polls.get(one.peer) ?? one.poll,
          message: { ...one.message, state: { ...one.message.state, server: one.peer } },
        };
      case 'poll-failed':
        return { ...one, poll: this.#polls.get(one.peer) ?? one.poll };
      case 'capture':
        return { ...one, attempt: this.#attempts.get(one.stream) ?? one.attempt };
      default:
        return one;
    }
  }

  note(effect: Effect): void {
    if (effect.type === 'poll') this.#polls.set(effect.peer, effect.poll);
    if (effect.type === 'start') {
      expect(this.#attempts.has(effect.stream)).toBe(false);
      this.#attempts.set(effect.stream, effect.attempt);
    }
    if (effect.type === 'stop') {
      expect(this.#attempts.get(effect.stream)).toBe(effect.attempt);
      this.#attempts.delete(effect.stream);
    }
    if (effect.type === 'reply') {
      const answered = this.replies.get(effect.reply) ?? Number.NaN;
      expect(answered).toBe(0);
      this.replies.set(effect.reply, answered + 1);
    }
    if (effect.type === 'poll' || effect.type === 'reply') {
      const text = JSON.stringify(effect.message);
      expect(parseMessage(JSON.parse(text))).toEqual(effect.message);
    }
  }
}

describe('a core that is told anything', () => {
  test('never throws, answers each request at most once, alternates starts and stops, and looks ahead', () => {
    const steps = fc.array(fc.record({ event, span: fc.constantFrom(0, 1, 30, 400, 3_000, 9_000) }), { maxLength: 60 });
    fc.assert(
      // Peers that know a later life end the core soon; hence also one that is later than all they name.
      fc.property(steps, fc.constantFrom(3, 99), (list, life) => {
        const core = createClusterCore({
          self: serverName('s1'),
          incarnation: incarnation(life),
          config: testConfig({ streams: 3 }),
          random: () => 0.5,
        });
        const aim = new Aim();
        let now = 0;
        list.forEach(({ event: one, span }, i) => {
          // Time passes as it would: with wakes in between, so that it does not stand still.
          const end = now + span;
          for (let wakes = 0; core.nextWake() < end && wakes < 200; wakes++) {
            now = Math.max(now, core.nextWake());
            for (const effect of core.step({ type: 'wake' }, instant(now))) aim.note(effect);
            expect(core.nextWake()).toBeGreaterThan(now);
          }
          now = end;
          for (const effect of core.step(aim.at(one, i), instant(now))) aim.note(effect);
          const views = core.streams();
          expect(views.every((view) => view.owner === core.owner(view.name))).toBe(true);
          expect(views.every((view) => view.state !== 'running' || view.owner !== undefined)).toBe(true);
          core.servers(instant(now));
        });
      }),
      { numRuns: 400 },
    );
  });

  test('does the same when it is told the same', () => {
    const steps = fc.array(fc.record({ event, span: fc.constantFrom(1, 400, 3_000) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (list) => {
        const run = (): string => {
          const core = createClusterCore({
            self: serverName('s2'),
            incarnation: incarnation(3),
            config: testConfig({ streams: 3 }),
            random: () => 0.25,
          });
          let now = 0;
          const told = list.map(({ event: one, span }) => {
            now += span;
            return JSON.stringify(core.step(one, instant(now)));
          });
          return told.join();
        };
        expect(run()).toBe(run());
      }),
      { numRuns: 100 },
    );
  });
});

type Trouble =
  | { readonly kind: 'kill'; readonly server: number }
  | { readonly kind: 'freeze'; readonly server: number }
  | { readonly kind: 'drain'; readonly server: number }
  | { readonly kind: 'cut' | 'refuse'; readonly server: number; readonly other: number }
  | { readonly kind: 'lose'; readonly server: number; readonly stream: number };

describe('a group in any trouble', () => {
  const trouble: fc.Arbitrary<Trouble> = fc.oneof(
    fc.record({ kind: fc.constantFrom('kill' as const, 'freeze' as const, 'drain' as const), server: fc.nat(3) }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'refuse' as const), server: fc.nat(3), other: fc.nat(3) }),
    fc.record({ kind: fc.constant('lose' as const), server: fc.nat(3), stream: fc.nat(5) }),
  );

  test('ends with each stream at its home when the trouble is over', () => {
    const options = fc.record({ servers: fc.integer({ min: 2, max: 4 }), mode: fc.constantFrom('seamless', 'break') });
    const steps = fc.array(fc.record({ trouble, span: fc.constantFrom(50, 700, 4_000, 13_000) }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(options, steps, ({ servers, mode }, list) => {
        const handover = mode === 'break' ? 'break' : 'seamless';
        const group = TestGroup.started({ servers, streams: 6, stream: { handover, sourceTimeout: millis(4_000) } });
        for (const one of list) {
          makeTrouble(group, one.trouble, servers);
          group.run(one.span);
        }
        endTrouble(group);
        group.until(() => group.allHome(), 1_800_000, 500);
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

function makeTrouble(group: TestGroup, one: Trouble, servers: number): void {
  const name = `s${(one.server % servers) + 1}`;
  const { state } = group.server(name);
  if (one.kind === 'kill') {
    if (state !== 'up') return;
    group.kill(name);
    group.run(200);
    group.start(name);
  } else if (one.kind === 'freeze') {
    if (state === 'up') group.freeze(name);
    else if (state === 'frozen') group.thaw(name);
  } else if (one.kind === 'drain') {
    if (state === 'up') group.send(name, { type: 'drain' });
  } else if (one.kind === 'lose') {
    if (state === 'up') group.cameras.lose(group.server(name), `cam${one.stream + 1}`);
  } else if (one.kind === 'cut' || one.kind === 'refuse') {
    const other = `s${(one.other % servers) + 1}`;
    if (other !== name) group.cut(name, other, one.kind === 'refuse' ? 'refuse' : 'black-hole');
  }
}

function endTrouble(group: TestGroup): void {
  group.heal();
  for (const { name, state } of group.servers.values()) {
    if (state === 'frozen') group.thaw(name);
    group.send(name, { type: 'undrain' });
    for (const { name: stream } of group.config.streams) group.cameras.find(group.server(name), stream);
  }
}
