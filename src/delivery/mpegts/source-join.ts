import { between, type Instant, millis } from '../../units/time.ts';
import type { MpegtsChunk } from '../ports/ports.ts';
import { SentUnits, sameFrameTicks } from './sent-units.ts';
import { firstPicture, timeBetween, unitStarts } from './unit-start.ts';

/** How long the old source may take to come up to the keyframe that the new one begins with: it may be slower, or have ended. */
const oldSourcePatience = millis(500);
/** A successor that has shown nothing new by then is on another timeline: any keyframe of it will do. */
const timelinePatience = millis(5000);
/** Of the new source, while it waits for the old one: half a second is far less even at 100 Mbit/s, so that reaching it means that time stands still. */
const waitingBytes = 16 * 1024 * 1024;
/** After a join units that were sent already are looked for until so many chunks brought none: audio lags video by much less. */
const cleanChunks = 100;
/** Of the new source's chunks with nothing but known pictures, those whose audio may be new: the old one's audio lags by less than their time. */
const overlapChunks = 16;

/**
 * Joins the MPEG-TS of a stream's successive owners. Both capture the same source on one timeline, so that when the new one's group of
 * pictures is the one that is being sent, it is joined right behind the last frame sent; else at a keyframe. An agreed handover loses and
 * repeats nothing. Pure; `source` names who speaks.
 */
export class SourceJoin {
  readonly #sent = new SentUnits();
  #active: string | undefined;
  #next: string | undefined;
  #nextSince: Instant | undefined;
  /** The next source is in the group of pictures that is being sent. */
  #sameGroup = false;
  /** The last of what it has shown of that. */
  #overlap: MpegtsChunk[] = [];
  /** Of the next source, from a keyframe on that lies ahead. */
  #waiting: MpegtsChunk[] = [];
  #waitingSince: Instant | undefined;
  /** While positive, what the active source repeats is taken out. */
  #cleaning = 0;

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
      const time = firstPicture(chunk.data)?.dts;
      if (time !== undefined && timeBetween(begins, time) >= -sameFrameTicks) return this.#join();
    }
    if (chunk.keyframe) this.#sameGroup = false;
    if (!this.#sameGroup) this.#overlap = [];
    const sent = this.#send(chunk);
    this.#skipWhatWasSent();
    return this.#isContiguous() ? [...sent, ...this.#join()] : sent;
  }

  #pushNext(chunk: MpegtsChunk, now: Instant): MpegtsChunk[] {
    if (this.#waiting.length > 0) {
      this.#waiting.push(chunk);
      const bytes = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
      return bytes > waitingBytes ? this.#join() : [];
    }
    if (chunk.keyframe) {
      this.#sameGroup = this.#isSameGroup(chunk);
      this.#overlap = [];
    }
    if (this.#sameGroup) {
      this.#overlap.push(chunk);
      if (this.#overlap.length > overlapChunks) this.#overlap.shift();
      if (!this.#hasNewPicture(chunk)) return [];
      this.#waiting = this.#overlap;
      return this.#join();
    }
    if (!chunk.keyframe || !this.#isAhead(chunk, now)) return [];
    this.#waiting.push(chunk);
    this.#waitingSince = now;
    return this.#sent.lastPicture === undefined || this.#isContiguous() ? this.#join() : [];
  }

  #isSameGroup(chunk: MpegtsChunk): boolean {
    const [sent, begins] = [this.#sent.lastKeyframe, firstPicture(chunk.data)?.dts];
    return sent !== undefined && begins !== undefined && Math.abs(timeBetween(sent, begins)) <= sameFrameTicks;
  }

  #hasNewPicture(chunk: MpegtsChunk): boolean {
    for (const unit of unitStarts(chunk.data)) if (unit.video && this.#sent.isNew(unit.dts)) return true;
    return false;
  }

  #isAhead(chunk: MpegtsChunk, now: Instant): boolean {
    // Also of a stream without pictures, where every chunk is an entry.
    if (this.#sent.lastPicture === undefined) return true;
    const time = firstPicture(chunk.data)?.dts;
    if (time !== undefined && this.#sent.isNew(time)) return true;
    if (this.#nextSince === undefined || between(this.#nextSince, now) < timelinePatience) return false;
    this.#sent.forget();
    return true;
  }

  #isContiguous(): boolean {
    const begins = this.#beginningOfNext();
    if (begins === undefined || this.#sent.lastPicture === undefined) return false;
    return timeBetween(this.#sent.lastPicture, begins) < 1.5 * this.#sent.frameTicks;
  }

  /** The active source stepped over where the next one was to begin: the next keyframe is the new beginning. */
  #skipWhatWasSent(): void {
    for (;;) {
      const begins = this.#beginningOfNext();
      if (begins === undefined || this.#sent.isNew(begins)) return;
      this.#waiting.shift();
      while (this.#waiting[0]?.keyframe === false) this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waitingSince = undefined;
    }
  }

  #beginningOfNext(): number | undefined {
    const [first] = this.#waiting;
    return first === undefined ? undefined : firstPicture(first.data)?.dts;
  }

  #join(): MpegtsChunk[] {
    const chunks = this.#waiting;
    this.#active = this.#next;
    this.#next = undefined;
    this.#cleaning = cleanChunks;
    this.#drop();
    return chunks.flatMap((chunk) => this.#send(chunk));
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingSince = undefined;
    this.#sameGroup = false;
    this.#overlap = [];
  }

  #send(chunk: MpegtsChunk): MpegtsChunk[] {
    const clean = this.#cleaning > 0 ? this.#sent.newPartOf(chunk) : chunk;
    this.#cleaning = clean?.data.length === chunk.data.length ? Math.max(0, this.#cleaning - 1) : this.#cleaning;
    if (clean === undefined) return [];
    this.#sent.add(clean);
    return [clean];
  }
}
