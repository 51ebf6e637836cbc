// ITU-T H.264 clause 7.4.1.2.3 (where access units begin) over ISO/IEC 13818-1 clause 2.14 (H.264 in PES packets).
import { type Ticks, timescale90k } from '../../units/ticks.ts';
import { findStartCode, withoutTrailingZeros } from '../codec/annexb.ts';
import { isKeyframe, isVcl, startsAccessUnit } from '../codec/h264.ts';
import { H264ParameterSets } from '../codec/h264-parameter-sets.ts';
import type { VideoTrack } from '../track.ts';
import { ByteQueue } from './byte-queue.ts';
import type { StreamOutput, StreamParser } from './elementary-stream.ts';
import type { PesTime } from './pes.ts';
import { TimeMarks } from './time-marks.ts';
import type { ProgramClock } from './timestamp.ts';

/** An intra picture of 4K at 800 Mbit/s; what grows past it lost its end. */
const largestAccessUnit = 8 * 1024 * 1024;
/** Without any hint of the rate. */
const usualFrame = timescale90k / 25;

/**
 * Finds access units in the byte stream that PES packets make, however these cut it, and gives them their times.
 * An access unit is delivered when the next one begins: nothing else says that it is whole.
 */
export class H264Stream implements StreamParser {
  readonly #output: StreamOutput;
  readonly #sets = new H264ParameterSets();
  readonly #queue = new ByteQueue(32 * 1024);
  readonly #marks: TimeMarks;
  #track: VideoTrack | undefined;

  /** Where the search for the next start code goes on. */
  #scanned = 0;
  /** The first NAL unit behind the newest mark is not seen yet: only a new packet is searched as it comes, the rest at the next. */
  #searching = false;
  /** Of the access unit that is being gathered: where it begins, its whole units, the unit that is open (or -1). */
  #begin = 0;
  #ends: number[] = [];
  #openUnit = -1;
  #hasSlice = true;
  /** It misses its beginning or something in the middle. */
  #torn = true;
  #lastDts: Ticks | undefined;
  #step: number | undefined;

  constructor(clock: ProgramClock, output: StreamOutput) {
    this.#output = output;
    this.#marks = new TimeMarks(clock);
  }

  begin(time: PesTime | undefined): void {
    this.#marks.add(this.#queue.length, time);
    this.#searching = true;
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    if (this.#queue.length + to - from > largestAccessUnit) {
      // Several access units may have come in one packet: only what is one by itself is too large.
      this.#search();
      if (this.#queue.length + to - from > largestAccessUnit) {
        this.#drop();
        this.#output.damage({ kind: 'too-large', detail: `a picture of more than ${largestAccessUnit} bytes` });
      }
    }
    this.#queue.append(bytes, from, to);
    if (this.#searching) this.#search();
  }

  lost(): void {
    this.#search();
    this.#drop();
  }

  truncated(missing: number): void {
    this.#output.damage({ kind: 'truncated', detail: `a PES packet of video lacks ${missing} bytes` });
  }

  flush(): void {
    this.#search();
    const { bytes, length } = this.#queue;
    const unfinished = findStartCode(bytes, this.#scanned, length);
    this.#closeUnit(unfinished < 0 ? length : unfinished);
    this.#emit();
    this.#drop();
  }

  #drop(): void {
    this.#queue.clear();
    this.#marks.clear();
    this.#ends = [];
    this.#scanned = 0;
    this.#begin = 0;
    this.#openUnit = -1;
    this.#hasSlice = true;
    this.#torn = true;
  }

  /** Visits each start code whose NAL unit has two bytes already. */
  #search(): void {
    const { bytes, length } = this.#queue;
    for (;;) {
      const code = findStartCode(bytes, this.#scanned, length);
      if (code < 0 || code + 5 > length) {
        this.#scanned = code < 0 ? Math.max(this.#scanned, length - 2) : code;
        break;
      }
      this.#scanned = code + 3;
      this.#closeUnit(code);
      this.#openAt(code, (bytes[code + 3] as number) & 31, bytes[code + 4] as number);
      if (this.#marks.isNewest(code)) this.#searching = false;
    }
    this.#compact();
  }

  #closeUnit(code: number): void {
    if (this.#openUnit < 0) return;
    const end = withoutTrailingZeros(this.#queue.bytes, this.#openUnit, code);
    if (end > this.#openUnit) this.#ends.push(this.#openUnit, end);
    this.#openUnit = -1;
  }

  #openAt(code: number, type: number, second: number): void {
    if (this.#hasSlice && startsAccessUnit(type, second)) {
      this.#emit();
      this.#begin = code;
      this.#ends = [];
      this.#hasSlice = false;
      this.#torn = false;
    }
    this.#hasSlice ||= isVcl(type);
    this.#openUnit = code + 3;
  }

  #emit(): void {
    if (this.#torn || !this.#hasSlice || this.#ends.length === 0) return;
    const { dts, pts } = this.#time();
    const units = this.#units();
    const track = this.#sets.update(units, timescale90k);
    if (track === undefined) return;
    if (dts === undefined || pts === undefined) {
      this.#output.damage({ kind: 'timestamp', detail: 'a picture before the first timestamp' });
      return;
    }
    if (track !== this.#track) this.#output.track(track);
    this.#track = track;
    this.#output.frame(dts, pts, isKeyframe(units), units);
  }

  #units(): Uint8Array[] {
    const { bytes } = this.#queue;
    const units: Uint8Array[] = [];
    for (let i = 0; i < this.#ends.length; i += 2) units.push(bytes.subarray(this.#ends[i], this.#ends[i + 1]));
    return units;
  }

  #time(): { readonly dts: Ticks | undefined; readonly pts: Ticks | undefined } {
    const mark = this.#marks.take(this.#begin);
    const last = this.#lastDts;
    if (mark === undefined) {
      // Only the first picture of a PES packet has times; the others follow at the distance of the last two.
      const step = this.#step ?? this.#nominalStep();
      this.#lastDts = last === undefined ? undefined : ((last + step) as Ticks);
      return { dts: this.#lastDts, pts: this.#lastDts };
    }
    if (last !== undefined && mark.dts > last && mark.dts - last < timescale90k) this.#step = mark.dts - last;
    this.#lastDts = mark.dts;
    return mark;
  }

  #nominalStep(): number {
    const rate = this.#track?.frameRate;
    return rate === undefined ? usualFrame : Math.round(timescale90k / rate);
  }

  #compact(): void {
    if (this.#torn) {
      this.#openUnit = -1;
      this.#ends = [];
      this.#begin = this.#scanned;
    }
    const count = this.#begin;
    if (count === 0) return;
    this.#queue.shift(count);
    this.#marks.shift(count);
    this.#scanned -= count;
    this.#begin = 0;
    if (this.#openUnit >= 0) this.#openUnit -= count;
    for (let i = 0; i < this.#ends.length; i++) this.#ends[i] = (this.#ends[i] ?? 0) - count;
  }
}
