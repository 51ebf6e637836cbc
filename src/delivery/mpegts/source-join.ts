import { timescale90k } from '../../units/ticks.ts';
import { between, type Instant, millis } from '../../units/time.ts';
import type { MpegtsChunk } from '../ports.ts';
import { firstVideoTime, lastVideoTime, timeBetween } from './video-start.ts';

/** At 25 frames a second, until two frames have told it better. */
const usualFrameTicks = 3600;
/** How long the old source may take to come up to where the new one begins: it is finishing its segment, or it has ended. */
const oldSourcePatience = millis(500);
/** A successor that has shown no keyframe behind the last sent frame by then is on another timeline: any keyframe of it will do. */
const timelinePatience = millis(5000);
/** Of the new source, while it waits for the old one: half a second is far less even at 100 Mbit/s, so that reaching it means that time stands still. */
const waitingBytes = 16 * 1024 * 1024;

/**
 * Joins the MPEG-TS of a stream's successive owners at keyframes: the new one begins with the first keyframe behind the last frame sent,
 * and the old one is heard until just before it. Both are on the group's timeline, so that an agreed handover loses and repeats nothing.
 * Pure; `source` names who speaks.
 */
export class SourceJoin {
  #active: string | undefined;
  #next: string | undefined;
  #lastTime: number | undefined;
  /** Between the last two frames sent. */
  #frameTicks = usualFrameTicks;
  /** Of the next source, from a keyframe on. */
  #waiting: MpegtsChunk[] = [];
  #waitingSince: Instant | undefined;
  #nextSince: Instant | undefined;

  get active(): string | undefined {
    return this.#active;
  }

  /** From now on this source is wanted; the active one is heard until the join. */
  switchTo(source: string, now: Instant): void {
    this.#drop();
    this.#next = source === this.#active ? undefined : source;
    this.#nextSince = now;
  }

  /** What to send after this chunk came. */
  push(source: string, chunk: MpegtsChunk, now: Instant): MpegtsChunk[] {
    if (source === this.#next) return this.#pushNext(chunk, now);
    if (source !== this.#active) return [];
    return this.#pushActive(chunk);
  }

  /** What to send because time passed: the next source, when it waited long enough. */
  tick(now: Instant): MpegtsChunk[] {
    const waited = this.#waitingSince !== undefined && between(this.#waitingSince, now) >= oldSourcePatience;
    return waited ? this.#join() : [];
  }

  /** Whether `tick` has something to wait for. */
  get isWaiting(): boolean {
    return this.#waitingSince !== undefined;
  }

  #pushActive(chunk: MpegtsChunk): MpegtsChunk[] {
    const begins = this.#beginningOfNext();
    if (begins !== undefined && chunk.keyframe) {
      const time = firstVideoTime(chunk.data);
      if (time !== undefined && timeBetween(begins, time) >= 0) return this.#join();
    }
    this.#sent(chunk);
    this.#skipWhatWasSent();
    return this.#isContiguous() ? [chunk, ...this.#join()] : [chunk];
  }

  #pushNext(chunk: MpegtsChunk, now: Instant): MpegtsChunk[] {
    if (this.#waiting.length > 0) {
      this.#waiting.push(chunk);
      const bytes = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
      return bytes > waitingBytes ? this.#join() : [];
    }
    if (!chunk.keyframe || !this.#isAhead(chunk, now)) return [];
    this.#waiting.push(chunk);
    this.#waitingSince = now;
    return this.#active === undefined || this.#isContiguous() ? this.#join() : [];
  }

  #isAhead(chunk: MpegtsChunk, now: Instant): boolean {
    if (this.#lastTime === undefined) return true;
    if (this.#nextSince !== undefined && between(this.#nextSince, now) >= timelinePatience) return true;
    const time = firstVideoTime(chunk.data);
    return time !== undefined && timeBetween(this.#lastTime, time) > 0;
  }

  #isContiguous(): boolean {
    const begins = this.#beginningOfNext();
    if (begins === undefined || this.#lastTime === undefined) return false;
    return timeBetween(this.#lastTime, begins) < 1.5 * this.#frameTicks;
  }

  /** The active source went past where the next one was to begin, without a keyframe there: the next keyframe is the new beginning. */
  #skipWhatWasSent(): void {
    for (;;) {
      const begins = this.#beginningOfNext();
      if (begins === undefined || this.#lastTime === undefined || timeBetween(this.#lastTime, begins) > 0) return;
      this.#waiting.shift();
      while (this.#waiting[0]?.keyframe === false) this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waitingSince = undefined;
    }
  }

  #beginningOfNext(): number | undefined {
    const [first] = this.#waiting;
    return first === undefined ? undefined : firstVideoTime(first.data);
  }

  #join(): MpegtsChunk[] {
    const chunks = this.#waiting;
    this.#active = this.#next;
    this.#next = undefined;
    this.#drop();
    for (const chunk of chunks) this.#sent(chunk);
    return chunks;
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingSince = undefined;
  }

  #sent(chunk: MpegtsChunk): void {
    const first = firstVideoTime(chunk.data);
    if (first === undefined) return;
    const step = this.#lastTime === undefined ? 0 : timeBetween(this.#lastTime, first);
    if (step > 0 && step < timescale90k) this.#frameTicks = step;
    this.#lastTime = lastVideoTime(chunk.data);
  }
}
