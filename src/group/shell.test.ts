import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import type { ClusterCore } from '../cluster/step/core.ts';
import type { Effect } from '../cluster/step/effect.ts';
import type { Event } from '../cluster/step/event.ts';
import { serverName, streamName } from '../units/ids.ts';
import { type Instant, instant, millis, never } from '../units/time.ts';
import { Shell } from './shell.ts';

const cam = streamName('cam');
const start: Effect = { type: 'start', stream: cam, attempt: 1, from: undefined, standIn: false, cause: 'assigned' };
const stop: Effect = { type: 'stop', stream: cam, attempt: 1, to: undefined, cause: 'drain' };
const probe: Effect = { type: 'probe', target: serverName('b'), probe: 1, within: millis(1) };

/** A core of which the test says what each event brings, and a shell whose performed effects are told by name. */
function shell(effectsOf: (event: Event) => Effect[]) {
  const clock = new ManualClock();
  const seen: string[] = [];
  const done: string[] = [];
  let next: Instant = never;
  const core: ClusterCore = {
    step: (event) => {
      seen.push(event.type);
      return effectsOf(event);
    },
    nextWake: () => next,
    home: () => undefined,
    owner: () => undefined,
    servers: () => [],
    streams: () => [],
  };
  const note =
    (name: string, then: () => void = () => {}): (() => void) =>
    () => {
      done.push(name);
      then();
    };
  let onStart: () => void = () => {};
  const made: Shell = new Shell(core, {
    clock,
    peers: {
      poll: note('poll'),
      reply: note('reply'),
      replyProbe: note('reply-probe'),
      probe: note('probe'),
      askWitness: note('ask'),
    },
    captures: { start: note('start', () => onStart()), stop: note('stop') },
    ownersChanged: note('owners'),
    notice: note('notice'),
    reincarnate: note('reincarnate', () => made.close()),
    left: note('left'),
  });
  return {
    clock,
    seen,
    done,
    shell: made,
    setNext: (at: Instant) => {
      next = at;
    },
    setOnStart: (run: () => void) => {
      onStart = run;
    },
  };
}

describe('the shell', () => {
  it('performs the effects of an event in order', () => {
    const { shell: made, done } = shell(() => [start, probe, stop]);
    made.post({ type: 'wake' });
    expect(done).toEqual(['start', 'probe', 'stop']);
  });

  it('takes an event that an effect causes only after all effects of the one before', () => {
    const { shell: made, done, seen, setOnStart } = shell((event) => (event.type === 'wake' ? [start, probe] : [stop]));
    setOnStart(() => made.post({ type: 'drain' }));
    made.post({ type: 'wake' });
    expect(seen).toEqual(['wake', 'drain']);
    expect(done).toEqual(['start', 'probe', 'stop']);
  });

  it('wakes the core at the instant that it named, however often it is asked before', async () => {
    const { shell: made, seen, clock, setNext } = shell(() => []);
    setNext(instant(100));
    made.post({ type: 'drain' });
    made.post({ type: 'undrain' });
    setNext(instant(300));
    await clock.advance(ms(99));
    expect(seen).toEqual(['drain', 'undrain']);
    await clock.advance(ms(1));
    expect(seen.at(-1)).toBe('wake');
    await clock.advance(ms(199));
    expect(seen).toHaveLength(3);
    await clock.advance(ms(1));
    expect(seen).toHaveLength(4);
  });

  it('does not let a core that names the past take the event loop', async () => {
    const { shell: made, seen, clock, setNext } = shell(() => []);
    setNext(instant(-5));
    made.post({ type: 'wake' });
    await clock.advance(ms(10));
    expect(seen.length).toBeLessThanOrEqual(11);
  });

  it('performs nothing more once the core has asked for a new life', () => {
    const { shell: made, done, seen } = shell(() => [{ type: 'reincarnate', above: undefined }, start]);
    made.post({ type: 'wake' });
    made.post({ type: 'wake' });
    expect(done).toEqual(['reincarnate']);
    expect(seen).toEqual(['wake']);
  });
});
