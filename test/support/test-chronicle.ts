import type { LastEnd } from '../../src/events/ends/ends.ts';
import { Journal } from '../../src/events/journal/journal.ts';
import type { JournalEvent } from '../../src/events/journal/journal-event.ts';
import { Chronicle } from '../../src/events/telling/chronicle.ts';
import { incarnation, type ServerName, serverName, streamName } from '../../src/units/ids.ts';
import { type Ticks, ticks } from '../../src/units/ticks.ts';
import { memoryFiles } from './journal-files.ts';
import { ManualClock, ms } from './manual-clock.ts';
import { silentLog } from './silent-log.ts';

export const cam = streamName('cam');
export const [self, other, third] = [serverName('self'), serverName('other'), serverName('third')];
export const takeover = { kind: 'takeover', stream: cam, from: other, cause: 'process-dead' } as const;
export const captured = { kind: 'captured', stream: cam, standIn: true, cause: 'process-dead', tookMs: 412.4 } as const;
export const [main, sub] = [
  { index: 0, of: 2, url: 'rtsp://***@cam/main' },
  { index: 1, of: 2, url: 'rtsp://***@cam/sub' },
];

/** A chronicle of `self` in memory. `ends`: where each server's timeline ended, in seconds; `past`: what is known of lives before. */
export async function chronicle(
  ends: Partial<Record<ServerName, number | Promise<Ticks | undefined>>> = {},
  past: {
    readonly kept?: number;
    readonly last?: LastEnd;
    readonly removed?: ReadonlySet<string>;
    readonly partedWithinMs?: number;
    readonly owner?: () => ServerName | undefined;
  } = {},
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
    endAt: (_, from) => {
      const end = ends[from];
      return end instanceof Promise ? end : Promise.resolve(end === undefined ? undefined : at(end));
    },
    ownPastEnd: () => Promise.resolve(ends[self] === undefined ? undefined : at(Number(ends[self]))),
    ownKeptEnd: () => (past.kept === undefined ? undefined : at(past.kept)),
    lastEnd: () => Promise.resolve(past.last),
    owner: () => past.owner?.(),
    isConfigured: (stream) => past.removed?.has(stream) !== true,
    partedWithin: () => ms(past.partedWithinMs ?? 0),
    onLost: (span) => lost.push(span),
  });
  const events = async (): Promise<JournalEvent[]> => {
    await clock.advance(ms(0));
    return journal.list({ since: undefined, limit: 99 });
  };
  /** Segments of two seconds, one behind the other, from second `from` to `to`. */
  const publish = (from: number, to: number): void => {
    for (let start = from; start < to; start += 2) made.segment(cam, at(start), at(Math.min(to, start + 2)));
  };
  return { made, clock, events, lost, publish };
}

export const at = (seconds: number): Ticks => ticks(Math.round(seconds * 90_000));
