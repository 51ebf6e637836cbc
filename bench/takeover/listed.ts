import { systemClock } from '../../src/adapters/clock.ts';
import { findBoxes, readBoxes } from '../../src/media/mp4/box-reader.ts';
import { type Millis, millis } from '../../src/units/time.ts';

/** Between two looks at a list: what is measured by them is true to so much. */
const lookEvery = millis(25);

/** A segment as a viewer's list showed it. */
export interface ListedSegment {
  readonly number: number;
  /** Of the list: milliseconds since 1970, and how long. */
  readonly startMs: number;
  readonly durationMs: number;
  /** When it was first seen in the list; milliseconds since 1970. */
  readonly seenMs: number;
}

/** A viewer who reads one stream's list at one server all the time. Sees every segment, since a list is eight of them long. */
export class ListWatch {
  readonly segments: ListedSegment[] = [];
  readonly #base: string;
  readonly #stop = new AbortController();
  #looking: Promise<void>;

  /** `base`: the stream's address at the server. */
  constructor(base: string) {
    this.#base = base;
    this.#looking = this.#watch();
  }

  /** The first segment behind `since` that is not where the one before ends; with the video that is missing in front of it. */
  async firstBehindHole(
    sinceMs: number,
    within: Millis,
  ): Promise<{ readonly segment: ListedSegment; readonly lostMs: number }> {
    const deadline = AbortSignal.timeout(within);
    for (;;) {
      for (const [i, segment] of this.segments.entries()) {
        const before = this.segments[i - 1];
        if (before === undefined || segment.seenMs < sinceMs) continue;
        const lostMs = segment.startMs - before.startMs - before.durationMs;
        if (lostMs > holeMs) return { segment, lostMs };
      }
      if (deadline.aborted) throw new Error(`no list of ${this.#base} goes on behind a hole`);
      await systemClock.sleep(lookEvery);
    }
  }

  /** Until so many more segments were listed. */
  async more(count: number, within: Millis): Promise<void> {
    const wanted = this.segments.length + count;
    const deadline = AbortSignal.timeout(within);
    while (this.segments.length < wanted) {
      if (deadline.aborted) throw new Error(`the list of ${this.#base} does not go on`);
      await systemClock.sleep(lookEvery);
    }
  }

  /** Pictures that are missing in the segments of the last list, inside of them and between; and how many are there. */
  async missingPictures(framesPerSecond: number): Promise<{ readonly missing: number; readonly there: number }> {
    const listed = this.segments.slice(-listLength);
    const [first] = listed;
    const last = listed.at(-1);
    if (first === undefined || last === undefined) throw new Error('an empty list');
    let there = 0;
    for (const { number } of listed) {
      const response = await fetch(`${this.#base}/${number}.m4s`);
      if (!response.ok) throw new Error(`segment ${number} of ${this.#base}: ${response.status}`);
      there += picturesIn(new Uint8Array(await response.arrayBuffer()));
    }
    const span = last.startMs + last.durationMs - first.startMs;
    return { missing: Math.round((span * framesPerSecond) / 1000) - there, there };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const text = await this.#read();
      if (text !== undefined) this.#take(text);
      await systemClock.sleep(lookEvery);
    }
  }

  async #read(): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.#base}/video.m3u8`, {
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(10_000)]),
      });
      return response.ok ? await response.text() : undefined;
    } catch {
      // As a viewer meets it: the next look comes soon.
      return undefined;
    }
  }

  #take(text: string): void {
    const seenMs = systemClock.wall() / 1000;
    const entries = text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)\n#EXTINF:([\d.]+),\n(\d+)\.m4s/g);
    for (const [, date = '', duration = '', number = ''] of entries) {
      if (Number(number) <= (this.segments.at(-1)?.number ?? 0)) continue;
      const startMs = Date.parse(date);
      this.segments.push({ number: Number(number), startMs, durationMs: Number(duration) * 1000, seenMs });
    }
  }
}

/** Times in lists are whole milliseconds; less than a picture is no hole. */
const holeMs = 20;
/** What is surely still kept of those that were listed. */
const listLength = 8;
/** Tracks are numbered from 1, video first in all clips. */
const videoTrack = 1;

/** ISO/IEC 14496-12 8.8.7 and 8.8.8: `tfhd` begins with the track, `trun` with the count of samples, both behind version and flags. */
function picturesIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pictures = 0;
  for (const traf of findBoxes(bytes, 'moof/traf')) {
    const boxes = readBoxes(bytes, traf.content, traf.end);
    const header = boxes.find(({ type }) => type === 'tfhd');
    if (header === undefined || view.getUint32(header.content + 4) !== videoTrack) continue;
    for (const run of boxes.filter(({ type }) => type === 'trun')) pictures += view.getUint32(run.content + 4);
  }
  return pictures;
}
