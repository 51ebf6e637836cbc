import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureStage } from '../../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../../test/support/clip-camera.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { type RecordedRun, recordedRun, someStart } from '../../../test/support/recorded-run.ts';
import { indexOf, nodeSha256 } from '../../../test/support/run-index.ts';
import { ticks } from '../../units/ticks.ts';
import { recordBytes } from '../index/record.ts';
import { runPath } from '../layout/run-path.ts';
import { timelineTimes } from '../playback/timeline-times.ts';
import type { FileReading } from './file-reading.ts';
import { pairFiles, trustedClosing } from './found-files.ts';
import { recoverRun } from './recover-run.ts';
import { mostTornBytes, type Recovery } from './recovery.ts';
import { type Verdict, verifyRun } from './verify-run.ts';

interface Files {
  readonly media: Uint8Array;
  readonly index: Uint8Array | undefined;
}

const made = recordedRun({ fragments: 11 });

function read<R>(reading: FileReading<R>, file: Uint8Array): R {
  for (let given: Uint8Array | undefined; ; ) {
    const step = given === undefined ? reading.next() : reading.next(given);
    if (step.done === true) return step.value;
    given = file.subarray(step.value.offset, step.value.offset + step.value.length);
  }
}

function recover({ media, index }: Files, run: RecordedRun = made): Recovery {
  const found = { stream: run.stream, run: run.run, mediaBytes: media.length, index };
  return read(recoverRun(found, { crc32, sha256: nodeSha256 }), media);
}

function carriedOut(plan: Recovery, { media, index }: Files): Files {
  if (plan.kind !== 'repair') throw new Error(`nothing to carry out: ${plan.kind}`);
  const kept = index?.subarray(0, plan.indexBytes) ?? new Uint8Array(0);
  return { media: media.slice(0, plan.mediaBytes), index: Uint8Array.from([...kept, ...plan.append]) };
}

/** Fragments of the recording before this byte. */
const wholeBefore = (bytes: number): number =>
  made.records.filter(({ offset, length }) => offset + length <= bytes).length;
const unclosed = made.index.subarray(0, -recordBytes);

describe('a run whose recorder died', () => {
  test('cut anywhere, recording and index alike: every whole fragment stays, and the result is sound', () => {
    fc.assert(
      fc.property(fc.nat(made.media.length), fc.nat(made.index.length), (mediaCut, indexCut) => {
        const files = { media: made.media.subarray(0, mediaCut), index: made.index.subarray(0, indexCut) };
        const plan = recover(files);
        const whole = wholeBefore(mediaCut);
        if (plan.kind === 'empty') {
          expect(whole).toBe(0);
          return;
        }
        if (plan.kind === 'sound') {
          expect([mediaCut, indexCut]).toEqual([made.media.length, made.index.length]);
          return;
        }
        if (plan.kind !== 'repair') throw new Error(plan.kind);
        const told = Math.floor((indexCut - (made.index.length - 12 * recordBytes)) / recordBytes);
        expect(plan.kept + plan.found).toBe(whole);
        expect(plan.lost).toBe(Math.max(0, Math.min(told, made.records.length) - whole));
        const after = carriedOut(plan, files);
        expect(recover(after)).toEqual({ kind: 'sound', closing: plan.closing });
        const index = indexOf(after.index ?? new Uint8Array(0));
        for (let i = 0; i < whole; i++) {
          const { offset, length, start, duration, keyframe, checksum } = made.records[i] ?? index.record(i);
          expect(index.record(i)).toMatchObject({ offset, length, duration, keyframe, checksum });
          // A new index has its times from the name, in whole milliseconds.
          expect(Math.abs(index.startOf(i) - start)).toBeLessThanOrEqual(90);
        }
        expect(after.media.length).toBe(index.mediaBytes);
      }),
      { numRuns: 300 },
    );
  });

  test('carried out by half, the rest is found again', () => {
    const files = { media: made.media.subarray(0, -3), index: unclosed };
    const plan = recover(files);
    const after = carriedOut(plan, files);
    const half = { media: files.media, index: after.index };
    const again = carriedOut(recover(half), half);
    expect(again.media).toEqual(after.media);
    expect(recover(again).kind).toBe('sound');
  });

  test('loses what was written but is not on the disk, also when boxes are whole', () => {
    // The pages of the last fragments are empty, but those of the boxes of the last one are there.
    const media = made.media.slice();
    const [eighth, last] = [made.records[8], made.records[10]];
    if (eighth === undefined || last === undefined) throw new Error('there are eleven');
    media.fill(0, eighth.offset, last.offset);
    media.fill(0, last.offset + last.length - 30);
    const plan = recover({ media, index: unclosed });
    expect(plan).toMatchObject({ kind: 'repair', kept: 8, found: 0, lost: 3, mediaBytes: eighth.offset });
  });

  test('keeps a good fragment behind a lost one, and tells of the hole', () => {
    const media = made.media.slice();
    const ninth = made.records[9];
    if (ninth === undefined) throw new Error('there are eleven');
    media.fill(0, ninth.offset, ninth.offset + ninth.length);
    const files = { media, index: unclosed };
    const plan = recover(files);
    expect(plan).toMatchObject({ kind: 'repair', kept: 10, found: 0, lost: 1, strayBytes: ninth.length });
    const index = indexOf(carriedOut(plan, files).index ?? new Uint8Array(0));
    expect(index.closing).toMatchObject({ reason: 'recovered', holes: true });
    expect(index.spans()).toHaveLength(2);
    expect(index.record(9)).toMatchObject({ segment: made.records[10]?.segment, checksum: made.records[10]?.checksum });
  });

  test('does not read again what was on the disk before', () => {
    const files = { media: made.media, index: unclosed };
    const asked: number[] = [];
    const reading = recoverRun(
      { ...made, mediaBytes: files.media.length, index: files.index },
      { crc32, sha256: nodeSha256 },
    );
    for (let step = reading.next(); step.done !== true; ) {
      asked.push(step.value.offset);
      step = reading.next(files.media.subarray(step.value.offset, step.value.offset + step.value.length));
    }
    const durable = made.records[10]?.durable ?? 0;
    expect(asked).toEqual([0, ...made.records.slice(durable).map(({ offset }) => offset)]);
  });

  test('of which nothing but a beginning was written is empty', () => {
    const first = made.records[0]?.offset ?? 0;
    for (const mediaBytes of [0, 1, first - 1, first, first + 50]) {
      expect(recover({ media: made.media.subarray(0, mediaBytes), index: unclosed })).toEqual({ kind: 'empty' });
    }
  });
});

describe('an index', () => {
  test('with a bit turned over loses no fragment', () => {
    fc.assert(
      fc.property(fc.nat(made.index.length * 8 - 1), (bit) => {
        const index = made.index.slice();
        index[bit >> 3] = (index[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const files = { media: made.media, index };
        const plan = recover(files);
        expect(plan).toMatchObject({ kind: 'repair', mediaBytes: made.media.length, lost: 0 });
        expect(indexOf(carriedOut(plan, files).index ?? index).count).toBe(11);
      }),
    );
  });

  test.each([
    ['pictures and sound', ['video', 'audio'] as const],
    ['pictures alone', ['video'] as const],
    ['sound alone', ['audio'] as const],
  ])('that is gone is made of the recording: %s', (_, kinds) => {
    const whole = recordedRun({ fragments: 9, kinds, start: 90 * 1_788_264_000_123 });
    const files = { media: whole.media, index: undefined };
    const plan = recover(files, whole);
    expect(plan).toMatchObject({ kind: 'repair', kept: 0, found: 9, indexBytes: 0, strayBytes: 0 });
    const index = indexOf(carriedOut(plan, files).index ?? new Uint8Array(0));
    expect(index.header).toEqual(whole.header);
    const known = { segment: undefined, beginsSegment: false, hash: '', durable: 0 };
    expect(Array.from({ length: 9 }, (__, i) => index.record(i))).toEqual(
      whole.records.map((record) => ({ ...record, ...known })),
    );
    expect(index.closing).toMatchObject({ reason: 'rebuilt', holes: false });
  });

  test('that is gone tells what the recorder of a camera told', async () => {
    const clock = new ManualClock();
    const on = new CaptureStage(clock, new ClipCamera(clock, demoClip('gate')).input());
    await clock.advance(ms(9_000));
    const path = on.told[0]?.location.path ?? '';
    const told = on.told.filter(({ location }) => location.path === path);
    const media = Uint8Array.from(Buffer.concat(on.store.files.get(path) ?? []));
    const first = told[0]?.segment.start ?? ticks(0);
    const run = { ...made.run, startMs: Math.floor(first / 90) };
    const index = indexOf(
      carriedOut(recover({ media, index: undefined }, { ...made, run }), { media, index: undefined }).index ?? media,
    );
    expect(told.length).toBeGreaterThan(1);
    for (const { segment, location } of told) {
      const i = Array.from({ length: index.count }, (_, at) => index.offsetOf(at)).indexOf(location.offset);
      expect(index.record(i).keyframe).toBe(true);
      expect(Math.abs(index.startOf(i) - segment.start)).toBeLessThan(90);
      const times = timelineTimes(index, i, media.subarray(location.offset)) ?? [];
      expect(times).toHaveLength(2);
      for (const [track, { at, value }] of times.entries()) {
        const live = location.decodeTimes[track];
        expect(at).toBe(live?.at);
        expect(Math.abs(Number(value - (live?.value ?? 0n)))).toBeLessThan(90);
      }
    }
    on.capture.stop();
    await on.ended;
  });

  test('that is gone, of a recording with damage inside: what is behind the damage is found', () => {
    const media = made.media.slice();
    const [third, fourth] = [made.records[3], made.records[4]];
    if (third === undefined || fourth === undefined) throw new Error('there are eleven');
    media.fill(0xff, third.offset, third.offset + 20);
    const plan = recover({ media, index: undefined });
    expect(plan).toMatchObject({ kind: 'repair', found: 10, strayBytes: third.length, mediaBytes: media.length });
    expect(plan.kind === 'repair' && plan.closing.holes).toBe(true);
  });

  test('that is gone, of a recording with a sector that was never written: that fragment is none', () => {
    const whole = recordedRun({ fragments: 9, sampleBytes: 400 });
    const media = whole.media.slice();
    const { offset, length } = whole.records[8] ?? { offset: 0, length: 0 };
    const sector = Math.floor((offset + length) / 512) * 512 - 512;
    media.fill(0, sector, sector + 512);
    const plan = recover({ media, index: undefined }, whole);
    expect(plan).toMatchObject({ kind: 'repair', found: 8, mediaBytes: offset });
    const tail = whole.media.slice();
    tail.fill(0, sector + 512, offset + length);
    expect(recover({ media: tail, index: undefined }, whole)).toMatchObject({ kind: 'repair', found: 8 });
  });

  test('of another recording is not believed', () => {
    const other = recordedRun({ fragments: 3, kinds: ['video'] });
    expect(recover({ media: made.media, index: other.index })).toMatchObject({ kind: 'repair', kept: 0, found: 11 });
  });

  test('of a later version is left alone', () => {
    const index = made.index.slice();
    index[4] = 9;
    const length = new DataView(index.buffer).getUint16(6, true);
    new DataView(index.buffer).setUint32(length - 4, crc32(index.subarray(0, length - 4)), true);
    expect(recover({ media: made.media, index })).toEqual({ kind: 'newer', version: 9 });
  });

  test('with something behind its closing record loses that', () => {
    const files = { media: made.media, index: Uint8Array.from([...made.index, 1, 2, 3]) };
    expect(carriedOut(recover(files), files).index).toEqual(made.index);
  });
});

describe('a run that is looked over', () => {
  const verify = ({ media, index }: Files): Verdict =>
    read(
      verifyRun({ mediaBytes: media.length, index: index ?? new Uint8Array(0) }, { crc32, sha256: nodeSha256 }),
      media,
    );

  test('is good when every byte is what was recorded', () => {
    expect(verify(made)).toEqual({ kind: 'good', closing: indexOf(made.index).closing });
  });

  test('with any bit of recording or index turned over is not', () => {
    fc.assert(
      fc.property(fc.nat((made.media.length + made.index.length) * 8 - 1), (bit) => {
        const both = Uint8Array.from([...made.media, ...made.index]);
        both[bit >> 3] = (both[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const [media, index] = [both.subarray(0, made.media.length), both.subarray(made.media.length)];
        expect(verify({ media, index }).kind).not.toBe('good');
      }),
    );
  });

  test('tells which fragments are damaged, and whether anything is missing', () => {
    const media = made.media.slice();
    const third = made.records[3]?.offset ?? 0;
    media[third + 200] = 0x55;
    expect(verify({ media, index: made.index })).toEqual({ kind: 'damaged', fragments: [3], whole: true });
    expect(verify({ media: media.subarray(0, -1), index: made.index })).toEqual({
      kind: 'damaged',
      fragments: [3, 10],
      whole: false,
    });
    expect(verify({ media, index: unclosed })).toEqual({ kind: 'damaged', fragments: [3], whole: false });
    expect(verify({ media, index: recordedRun({ fragments: 2, kinds: ['video'] }).index })).toEqual({
      kind: 'unknown',
    });
  });
});

describe('a file that is no recording', () => {
  test('is empty when it is small, and left alone when it is not', () => {
    const zeros = new Uint8Array(100_000);
    const look = (mediaBytes: number): Recovery =>
      read(recoverRun({ ...made, mediaBytes, index: undefined }, { crc32, sha256: nodeSha256 }), zeros);
    expect(look(zeros.length)).toEqual({ kind: 'empty' });
    expect(look(mostTornBytes + 1)).toEqual({ kind: 'unreadable' });
  });

  test('whatever is in it, nothing is thrown and nothing is asked for twice without end', () => {
    const changes = fc.array(fc.tuple(fc.nat(made.media.length - 1), fc.nat(255)), { maxLength: 30 });
    fc.assert(
      fc.property(changes, fc.boolean(), (list, indexed) => {
        const media = made.media.slice();
        for (const [at, value] of list) media[at] = value;
        recover({ media, index: indexed ? unclosed : undefined });
      }),
      { numRuns: 300 },
    );
  });
});

describe('at a start', () => {
  test('a recording and its index are one run; what is none of the archive is counted', () => {
    const [media, index] = (['media', 'index'] as const).map((kind) => runPath(made.stream, made.run, kind));
    const second = runPath(made.stream, { ...made.run, ordinal: 2 }, 'index');
    const files = [
      { path: media ?? '', bytes: 5 },
      { path: second, bytes: 7 },
      { path: 'cam01/2026/notes.txt', bytes: 1 },
      { path: index ?? '', bytes: 6 },
    ];
    expect(pairFiles(files)).toEqual({
      runs: [
        { stream: made.stream, run: made.run, mediaBytes: 5, indexBytes: 6 },
        { stream: made.stream, run: { ...made.run, ordinal: 2 }, mediaBytes: undefined, indexBytes: 7 },
      ],
      foreign: 1,
    });
  });

  test('the last record of an index is believed if it knows the recording by its start and length', () => {
    const tail = made.index.subarray(-recordBytes);
    expect(trustedClosing(tail, made.run, made.media.length)).toMatchObject({ start: someStart, reason: 'hour' });
    expect(trustedClosing(tail, made.run, made.media.length - 1)).toBeUndefined();
    expect(trustedClosing(tail, { ...made.run, startMs: made.run.startMs + 2000 }, made.media.length)).toBeUndefined();
    expect(trustedClosing(unclosed.subarray(-recordBytes), made.run, made.media.length)).toBeUndefined();
    expect(trustedClosing(tail.subarray(1), made.run, made.media.length)).toBeUndefined();
  });
});
