import { describe, expect, it } from 'vitest';
import { incarnation, serverName, streamName } from '../units/ids.ts';
import { unixMicros } from '../units/time.ts';
import { Journal, type JournalFiles } from './journal.ts';
import { type JournalEvent, parseEvent, toWire } from './journal-event.ts';
import { Known } from './known.ts';

const noon = unixMicros(Date.UTC(2026, 10, 22, 12) * 1000);
const hour = 3_600_000_000;

function memoryFiles(content: Record<string, string> = {}): JournalFiles & { content: Map<string, string> } {
  const files = new Map(Object.entries(content));
  return {
    content: files,
    list: () => Promise.resolve([...files.keys()]),
    read: (name) => Promise.resolve(files.get(name) ?? ''),
    append: (name, text) => Promise.resolve(void files.set(name, (files.get(name) ?? '') + text)),
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
}

function event(sequence: number, more: Partial<JournalEvent> = {}): JournalEvent {
  return {
    server: serverName('s01'),
    life: incarnation(5),
    sequence,
    at: unixMicros(noon + sequence * 1_000_000),
    kind: 'takeover',
    stream: streamName('cam01'),
    message: `event ${sequence}`,
    ...more,
  };
}

const fail = (error: unknown): never => {
  throw error;
};

describe('the journal', () => {
  it('reads back what it wrote, from files of a day each', async () => {
    const files = memoryFiles();
    const written = [event(1, { lostMs: 900 }), event(2, { at: unixMicros(noon + 13 * hour), cause: 'process-dead' })];
    const journal = await Journal.open(files, noon, fail);
    for (const each of written) journal.add(each);
    await journal.flushed();
    expect([...files.content.keys()]).toEqual(['2026-11-22.jsonl', '2026-11-23.jsonl']);
    const again = await Journal.open(files, noon, fail);
    expect(await again.list({ since: undefined, limit: 10 })).toEqual(written);
    expect(await again.list({ since: unixMicros(noon + hour), limit: 10 })).toEqual(written.slice(1));
    expect(await again.list({ since: undefined, limit: 1 })).toEqual(written.slice(1));
  });

  it('survives a torn tail and does not glue the next event to it', async () => {
    const files = memoryFiles();
    const journal = await Journal.open(files, noon, fail);
    journal.add(event(1));
    journal.add(event(2));
    await journal.flushed();
    const whole = files.content.get('2026-11-22.jsonl') ?? '';
    for (let cut = 0; cut < whole.length; cut++) {
      const torn = memoryFiles({ '2026-11-22.jsonl': whole.slice(0, cut) });
      const reopened = await Journal.open(torn, noon, fail);
      reopened.add(event(1, { life: incarnation(6) }));
      await reopened.flushed();
      const last = await (await Journal.open(torn, noon, fail)).list({ since: undefined, limit: 9 });
      expect(last.filter((e) => e.life === 6)).toHaveLength(1);
    }
  });

  it('knows an event once, whoever tells it', async () => {
    const journal = await Journal.open(memoryFiles(), noon, fail);
    expect(journal.add(event(1))).toBe(true);
    expect(journal.add(event(1))).toBe(false);
    expect(await journal.list({ since: undefined, limit: 9 })).toHaveLength(1);
  });

  it('gives a peer what it lacks, of every origin', async () => {
    const mine = await Journal.open(memoryFiles(), noon, fail);
    const theirs = await Journal.open(memoryFiles(), noon, fail);
    for (const each of [event(1), event(2), event(1, { server: serverName('s02') })]) mine.add(each);
    theirs.add(event(1));
    const marks = Known.parse(JSON.parse(JSON.stringify(theirs.known.toWire())));
    for (const lacking of await mine.lacking(marks, () => true)) theirs.add(lacking);
    expect(await theirs.list({ since: undefined, limit: 9 })).toHaveLength(3);
    expect(await mine.lacking(theirs.known, () => true)).toEqual([]);
  });

  it('drops files past 30 days', async () => {
    const files = memoryFiles({ '2026-10-22.jsonl': '', '2026-10-23.jsonl': '' });
    await Journal.open(files, noon, fail);
    expect([...files.content.keys()]).toEqual(['2026-10-23.jsonl']);
  });

  it('goes on when the disk fails, and tells', async () => {
    const errors: unknown[] = [];
    const files = { ...memoryFiles(), append: () => Promise.reject(new Error('ENOSPC')) };
    const journal = await Journal.open(files, noon, (error) => errors.push(error));
    journal.add(event(1));
    await journal.flushed();
    expect(errors).toHaveLength(1);
    expect(await journal.list({ since: undefined, limit: 9 })).toHaveLength(1);
  });
});

describe('an event of a newer version', () => {
  it('is kept and passed on, but for the fields that nobody here knows', () => {
    const wire = { ...(toWire(event(1)) as object), kind: 'moon-landing', crew: 3 };
    expect(parseEvent(wire)).toEqual({ ...event(1), kind: 'moon-landing' });
  });

  it.each([
    undefined,
    5,
    {},
    { ...(toWire(event(1)) as object), time: 'noon' },
    { ...(toWire(event(1)) as object), life: 'x' },
  ])('is none without what every event has: %j', (value) => {
    expect(parseEvent(value)).toBeUndefined();
  });
});
