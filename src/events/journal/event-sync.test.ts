import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../test/support/journal-files.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { CallOutcome } from '../../group/peer-client.ts';
import { incarnation, type ServerName, serverName } from '../../units/ids.ts';
import { type UnixMicros, unixMicros } from '../../units/time.ts';
import { EventSync } from './event-sync.ts';
import { Journal } from './journal.ts';
import { toWire } from './journal-event.ts';
import { Known } from './known.ts';

const [a, b] = [serverName('a'), serverName('b')];

async function server(self: ServerName) {
  const clock = new ManualClock();
  const journal = await Journal.open(memoryFiles(), clock.wall(), () => {});
  const client = (): never => {
    throw new Error('this side only answers');
  };
  const sync = new EventSync({ self, journal, clock, utc: () => clock.wall(), client });
  const write = (origin: ServerName, sequence: number, at: UnixMicros = clock.wall()): void => {
    journal.add({ server: origin, life: incarnation(1), sequence, at, kind: 'settled', message: '' });
  };
  const gone = new AbortController();
  const ask = (known: Known): Promise<{ status: number; body: unknown }> =>
    sync.handler({ from: b, fromLife: incarnation(1), body: { known: known.toWire() }, gone: gone.signal });
  return { clock, journal, write, ask, gone };
}

const count = (answer: { body: unknown }): number => (answer.body as { events: unknown[] }).events.length;

describe('the peers’ request for events', () => {
  it('is answered at once with what the peer lacks', async () => {
    const { ask, write } = await server(a);
    write(a, 1);
    expect(count(await ask(new Known()))).toBe(1);
  });

  it('waits for the next event, and a moment more for those that come with it', async () => {
    const { ask, write, clock, journal } = await server(a);
    write(a, 1);
    const answer = ask(Known.parse(journal.known.toWire()));
    await clock.advance(ms(5_000));
    write(a, 2);
    await clock.advance(ms(100));
    write(a, 3);
    await clock.advance(ms(150));
    expect(count(await answer)).toBe(2);
  });

  it('ends empty after its time, and when the peer is gone', async () => {
    const { ask, clock, gone } = await server(a);
    const patient = ask(new Known());
    await clock.advance(ms(30_000));
    expect(count(await patient)).toBe(0);
    const impatient = ask(new Known());
    gone.abort();
    expect(count(await impatient)).toBe(0);
  });

  it("leaves others' fresh events to their origin", async () => {
    const { ask, write, clock } = await server(a);
    write(b, 1, unixMicros(clock.wall() - 60_000_000));
    write(b, 2);
    expect(count(await ask(new Known()))).toBe(1);
  });

  it("is no answer to a peer that another's fresh event is there, which it may not tell yet", async () => {
    const { ask, write, clock } = await server(a);
    const answer = ask(new Known());
    await clock.advance(ms(1_000));
    write(b, 1);
    await clock.advance(ms(5_000));
    write(a, 1);
    await clock.advance(ms(250));
    expect(count(await answer)).toBe(1);
  });
});

describe('the request to a peer', () => {
  const told = { server: b, life: incarnation(1), at: unixMicros(1e15), kind: 'settled', message: '' } as const;
  const event = (sequence: number): unknown => toWire({ ...told, sequence });

  /** Follows a peer that gives this answer after so long, for a minute: how often was it asked? */
  async function asked(body: (call: number) => unknown, status = 200, takes = 0): Promise<number> {
    const clock = new ManualClock();
    const journal = await Journal.open(memoryFiles(), clock.wall(), () => {});
    let calls = 0;
    const call = async (): Promise<CallOutcome> => {
      // A loop that spins would never give the turn back.
      if (++calls > 1000) return new Promise(() => {});
      if (takes > 0) await clock.sleep(ms(takes));
      const at = clock.monotonic();
      return { ok: true, status, body: body(calls), life: incarnation(1), sentAt: at, answeredAt: at };
    };
    const sync = new EventSync({ self: a, journal, clock, utc: () => clock.wall(), client: () => ({ call }) });
    sync.follow([b]);
    await clock.advance(ms(59_000));
    sync.close();
    return calls;
  }

  it.each([
    ['of events that are known', { events: [event(1)] }, 200, 13],
    ['of events that are none', { events: [{ time: '+275760-01-01T00:00:00Z' }, 5, null] }, 200, 12],
    ['of nothing', { events: [] }, 200, 12],
    ['without a list', null, 200, 12],
    ['of a version that knows no such request', {}, 400, 12],
    ['that fails, whatever it holds', { events: [event(1)] }, 503, 12],
  ])('is repeated with a pause after an answer %s', async (_, body, status, calls) => {
    expect(await asked(() => body, status)).toBe(calls);
  });

  it('is repeated at once after an answer with news', async () => {
    expect(await asked((call) => ({ events: call <= 4 ? [event(call)] : [] }))).toBe(16);
  });

  it('is repeated at once after an answer that waited for news in vain', async () => {
    expect(await asked(() => ({ events: [] }), 200, 25_000)).toBe(3);
  });
});
