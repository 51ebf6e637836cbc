import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/support/journal-files.ts';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { incarnation, type ServerName, serverName } from '../units/ids.ts';
import { type UnixMicros, unixMicros } from '../units/time.ts';
import { EventSync } from './event-sync.ts';
import { Journal } from './journal.ts';
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
});
