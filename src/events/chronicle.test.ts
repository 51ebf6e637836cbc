import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { incarnation, serverName, streamName } from '../units/ids.ts';
import { type Ticks, ticks } from '../units/ticks.ts';
import { Chronicle } from './chronicle.ts';
import { Journal } from './journal.ts';
import type { JournalEvent } from './journal-event.ts';

const cam = streamName('cam');
const [self, dead] = [serverName('self'), serverName('dead')];
const takeover = { kind: 'takeover', stream: cam, from: dead, cause: 'process-dead' } as const;
const captured = { kind: 'captured', stream: cam, standIn: true, cause: 'process-dead', tookMs: 412.4 } as const;

async function chronicle(lastEnd: Ticks | undefined) {
  const clock = new ManualClock();
  const noFiles = { list: async () => [], read: async () => '', append: async () => {}, remove: async () => {} };
  const journal = await Journal.open(noFiles, clock.wall(), () => {});
  const lost: number[] = [];
  const made = new Chronicle({
    self,
    clock,
    utc: () => clock.wall(),
    incarnation: () => incarnation(1),
    journal,
    log: silentLog,
    lastEnd: () => lastEnd,
    onLost: (span) => lost.push(span),
  });
  const events = (): Promise<JournalEvent[]> => journal.list({ since: undefined, limit: 99 });
  return { made, clock, events, lost };
}

describe('the chronicle', () => {
  it('tells a takeover with its time and the video lost, once its first segment is there', async () => {
    const { made, events, lost } = await chronicle(ticks(90_000));
    made.notice(takeover);
    made.captureChanged(cam);
    made.notice(captured);
    expect(await events()).toEqual([]);
    made.segment(cam, ticks(90_000 + 135_000));
    made.segment(cam, ticks(900_000));
    expect(await events()).toMatchObject([
      { kind: 'takeover', stream: cam, from: dead, to: self, cause: 'process-dead', tookMs: 412, lostMs: 1500 },
    ]);
    expect(lost).toEqual([1500]);
  });

  it('tells it without the loss when no segment comes, or none was ever seen', async () => {
    const late = await chronicle(ticks(90_000));
    late.made.notice(takeover);
    late.made.notice(captured);
    await late.clock.advance(ms(15_000));
    expect((await late.events())[0]).not.toHaveProperty('lostMs');
    const unseen = await chronicle(undefined);
    unseen.made.notice(takeover);
    unseen.made.notice(captured);
    unseen.made.segment(cam, ticks(1));
    expect((await unseen.events())[0]).not.toHaveProperty('lostMs');
  });

  it('says nothing of a capture that nobody had to take over', async () => {
    const { made, events } = await chronicle(undefined);
    made.notice({ ...captured, standIn: false, cause: 'assigned' });
    made.segment(cam, ticks(1));
    expect(await events()).toEqual([]);
  });

  it('tells that a failback lost nothing when its first segment follows on', async () => {
    const { made, events } = await chronicle(ticks(180_000));
    made.captureChanged(cam);
    made.segment(cam, ticks(180_000));
    made.notice({ kind: 'failback', stream: cam, from: dead, tookMs: 3000 });
    expect(await events()).toMatchObject([{ kind: 'failback', from: dead, to: self, lostMs: 0 }]);
  });

  it('tells at its end what has frames but no segment yet, and nothing of mere tries', async () => {
    const { made, events } = await chronicle(undefined);
    made.notice(takeover);
    made.close();
    expect(await events()).toEqual([]);
    made.notice(captured);
    made.close();
    expect(await events()).toMatchObject([{ kind: 'takeover', from: dead }]);
  });
});
