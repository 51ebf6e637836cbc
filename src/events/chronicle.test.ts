import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/support/journal-files.ts';
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

async function chronicle(
  lastEnd: Ticks | undefined,
  predecessorEnd: Promise<Ticks | undefined> = Promise.resolve(undefined),
) {
  const clock = new ManualClock();
  const journal = await Journal.open(memoryFiles(), clock.wall(), () => {});
  const lost: number[] = [];
  const made = new Chronicle({
    self,
    clock,
    utc: () => clock.wall(),
    incarnation: () => incarnation(1),
    journal,
    log: silentLog,
    lastEnd: () => lastEnd,
    predecessorEnd: () => predecessorEnd,
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

  const failback = { kind: 'failback', stream: cam, from: dead, tookMs: 3000 } as const;

  it('tells that a failback lost nothing when its first segment follows on the predecessor', async () => {
    const { made, clock, events } = await chronicle(undefined, Promise.resolve(ticks(180_000)));
    made.captureChanged(cam);
    made.segment(cam, ticks(180_000));
    made.notice(failback);
    await clock.advance(ms(0));
    expect(await events()).toMatchObject([{ kind: 'failback', from: dead, to: self, lostMs: 0 }]);
  });

  it('tells what a failback lost once its first segment is there, and once', async () => {
    const { made, clock, events, lost } = await chronicle(ticks(999_999), Promise.resolve(ticks(180_000)));
    made.captureChanged(cam);
    made.notice(failback);
    await clock.advance(ms(1_000));
    expect(await events()).toEqual([]);
    made.segment(cam, ticks(180_000 + 108_000));
    made.segment(cam, ticks(180_000 + 288_000));
    await clock.advance(ms(20_000));
    expect(await events()).toMatchObject([
      { kind: 'failback', lostMs: 1200, message: expect.stringContaining('1.2 s of video lost') },
    ]);
    expect(lost).toEqual([1200]);
  });

  it('tells a failback without the loss when the predecessor does not say where it ended, or no segment comes', async () => {
    const silent = await chronicle(undefined, new Promise(() => {}));
    silent.made.notice(failback);
    silent.made.segment(cam, ticks(1));
    const empty = await chronicle(undefined, Promise.resolve(ticks(1)));
    empty.made.notice(failback);
    for (const { clock, events } of [silent, empty]) {
      await clock.advance(ms(15_000));
      expect(await events()).toHaveLength(1);
      expect((await events())[0]).not.toHaveProperty('lostMs');
    }
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
