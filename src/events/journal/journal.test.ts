import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../test/support/journal-files.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { unixMicros } from '../../units/time.ts';
import { blockBytes } from './day-file.ts';
import { Journal } from './journal.ts';
import { formatEvent, type JournalEvent } from './journal-event.ts';
import { Known } from './known.ts';

const noon = unixMicros(Date.UTC(2026, 10, 22, 12) * 1000);
const hour = 3_600_000_000;

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

  it('lists events of one moment in the same order, whatever order they became known in', async () => {
    const same = [event(1), event(1, { server: serverName('s02'), at: event(1).at })].map((each) => ({
      ...each,
      at: noon,
    }));
    const lists = [];
    for (const order of [same, same.toReversed()]) {
      const journal = await Journal.open(memoryFiles(), noon, fail);
      for (const each of order) journal.add(each);
      lists.push(await journal.list({ since: undefined, limit: 1 }));
    }
    expect(lists[0]).toEqual(lists[1]);
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

/** So many events of some 300 bytes, as they are on disk. */
function dayOf(count: number, more: (sequence: number) => Partial<JournalEvent> = () => ({})): string {
  const message = 'é'.repeat(80);
  return Array.from({ length: count }, (_, i) =>
    formatEvent(event(i + 1, { at: unixMicros(noon + i * 1000), message, ...more(i + 1) })),
  ).join('');
}

describe('a journal larger than memory', () => {
  const many = 130_000;

  it('is read in pieces, newest first, and no further than a reader asks', async () => {
    const files = memoryFiles({ '2026-11-21.jsonl': dayOf(20_000), '2026-11-22.jsonl': dayOf(many, lifeTwo) });
    const journal = await Journal.open(files, noon, fail);
    expect(files.reads.most).toBeLessThanOrEqual(blockBytes);
    files.reads.bytes = 0;
    const listed = await journal.list({ since: unixMicros(0), limit: 100 });
    expect(listed.map((each) => each.sequence)).toEqual(Array.from({ length: 100 }, (_, i) => many - 99 + i));
    expect(files.reads.bytes).toBeLessThanOrEqual(3 * blockBytes);
    const since = unixMicros(noon + (many - 5) * 1000);
    expect(await journal.list({ since, limit: 100 })).toHaveLength(5);
  });

  it('lists what was told late in its place', async () => {
    const late = formatEvent(event(1, { server: serverName('s02'), at: unixMicros(noon + 500) }));
    const files = memoryFiles({ '2026-11-22.jsonl': dayOf(25_000) + late });
    const journal = await Journal.open(files, noon, fail);
    const listed = await journal.list({ since: noon, limit: 10_000 });
    expect(listed).toHaveLength(10_000);
    expect(listed[0]?.sequence).toBe(15_001);
    const all = await journal.list({ since: noon, limit: 30_000 });
    expect(all.slice(0, 3).map((each) => each.server)).toEqual(['s01', 's02', 's01']);
  });

  it('brings a new server up to date without reading anything again for each page', async () => {
    const text = dayOf(30_000, (sequence) => ({ server: serverName(`s0${sequence % 3}`) }));
    const files = memoryFiles({ '2026-11-22.jsonl': text });
    const journal = await Journal.open(files, noon, fail);
    files.reads.bytes = 0;
    const theirs = new Known();
    let pages = 0;
    let events = 0;
    for (;;) {
      const page = await journal.lacking(theirs, () => true);
      if (page.length === 0) break;
      pages++;
      for (const each of page) if (theirs.add(each)) events++;
    }
    expect([pages, events]).toEqual([30, 30_000]);
    // A page begins within the block in which the last one ended.
    expect(files.reads.bytes).toBeLessThanOrEqual(Buffer.byteLength(text) + pages * blockBytes);
  });

  it('sends what left memory first, though the peer knows all that another origin told', async () => {
    const older = dayOf(10, () => ({ server: serverName('s02') }));
    const journal = await Journal.open(memoryFiles({ '2026-11-22.jsonl': older + dayOf(25_000) }), noon, fail);
    journal.add(event(11, { server: serverName('s02') }));
    const theirs = new Known();
    theirs.add(event(25_000));
    const sequences = (await journal.lacking(theirs, () => true)).map((each) => each.sequence);
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('drops its oldest days when all together are too many', async () => {
    const sizes = { '2026-11-20.jsonl': 60e6, '2026-11-21.jsonl': 60e6, '2026-11-22.jsonl': 60e6 };
    const files = memoryFiles(Object.fromEntries(Object.keys(sizes).map((name) => [name, ''])));
    const list = async () => Object.entries(sizes).map(([name, bytes]) => ({ name, bytes }));
    await Journal.open({ ...files, list }, noon, fail);
    expect([...files.content.keys()]).toEqual(['2026-11-21.jsonl', '2026-11-22.jsonl']);
  });

  it('finds its place again after a write that failed halfway', async () => {
    const files = memoryFiles({ '2026-11-22.jsonl': dayOf(25_000) });
    let full = false;
    const append = async (name: string, bytes: Uint8Array): Promise<void> => {
      await files.append(name, full ? bytes.subarray(0, 50) : bytes);
      if (full) throw new Error('ENOSPC');
    };
    const journal = await Journal.open({ ...files, append }, noon, () => {});
    for (const sequence of [25_001, 25_002, 25_003, 25_004]) {
      full = sequence === 25_002 || sequence === 25_003;
      journal.add(event(sequence));
      await journal.flushed();
    }
    const listed = await journal.list({ since: unixMicros(noon + 25_001 * 1_000_000), limit: 9 });
    expect(listed.map((each) => each.sequence)).toEqual([25_001, 25_004]);
  });
});

const lifeTwo = (): Partial<JournalEvent> => ({ life: incarnation(6) });
