// ISO/IEC 13818-1 clause 2.14: H.264 in PES packets, which may hold several access units or parts of one.
import { type Ticks, timescale90k } from '../../units/ticks.ts';
import { isKeyframe } from '../codec/h264.ts';
import { fieldPicture } from '../codec/h264-fields.ts';
import { H264ParameterSets } from '../codec/h264-parameter-sets.ts';
import type { VideoTrack } from '../track.ts';
import { AccessUnitScanner, largestAccessUnit } from './access-unit-scanner.ts';
import type { StreamOutput, StreamParser } from './elementary-stream.ts';
import { FieldPairs } from './field-pairs.ts';
import type { PesTime } from './pes.ts';
import { type MarkedTime, TimeMarks } from './time-marks.ts';
import type { ProgramClock } from './timestamp.ts';

/** Without any hint of the rate. */
const usualFrame = timescale90k / 25;

/** Gives access units their times and makes frames of them; says what the track is. */
export class H264Stream implements StreamParser {
  readonly #output: StreamOutput;
  readonly #marks: TimeMarks;
  readonly #scanner = new AccessUnitScanner((units, at) => this.#accessUnit(units, at));
  readonly #sets = new H264ParameterSets();
  readonly #pairs: FieldPairs;
  #track: VideoTrack | undefined;
  #lastDts: Ticks | undefined;
  #step: number | undefined;

  constructor(clock: ProgramClock, output: StreamOutput) {
    this.#output = output;
    this.#marks = new TimeMarks(clock);
    this.#pairs = new FieldPairs(({ dts, pts, keyframe, units }) => output.frame(dts, pts, keyframe, units));
  }

  begin(time: PesTime | undefined): void {
    this.#marks.add(this.#scanner.position, time);
    this.#scanner.packet();
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    if (this.#scanner.append(bytes, from, to)) return;
    this.#output.damage({ kind: 'too-large', detail: `a picture of more than ${largestAccessUnit} bytes` });
  }

  lost(): void {
    this.#scanner.cut();
    this.#pairs.flush();
    this.#marks.clear();
  }

  truncated(missing: number): void {
    this.#output.damage({ kind: 'truncated', detail: `a PES packet of video lacks ${missing} bytes` });
  }

  flush(): void {
    this.#scanner.end();
    this.#pairs.flush();
    this.#marks.clear();
  }

  #accessUnit(units: readonly Uint8Array[], at: number): void {
    const track = this.#sets.update(units, timescale90k);
    if (track === undefined) return;
    this.#announce(track);
    const field = this.#sets.sps === undefined ? undefined : fieldPicture(units, this.#sets.sps);
    if (this.#pairs.completes(units, field)) return;
    const time = this.#time(at);
    if (time === undefined) {
      this.#output.damage({ kind: 'timestamp', detail: 'a picture before the first timestamp' });
      return;
    }
    this.#pairs.push({ dts: time.dts, pts: time.pts, keyframe: isKeyframe(units), units }, field);
  }

  #announce(track: VideoTrack): void {
    if (track === this.#track) return;
    this.#pairs.flush();
    this.#output.track(track);
    this.#track = track;
  }

  /** Only the first picture of a PES packet has times; the others follow at the distance of the last two. */
  #time(at: number): MarkedTime | undefined {
    const mark = this.#marks.take(at);
    const last = this.#lastDts;
    if (mark === undefined) {
      if (last === undefined) return undefined;
      const dts = (last + (this.#step ?? this.#nominalStep())) as Ticks;
      this.#lastDts = dts;
      return { dts, pts: dts };
    }
    if (last !== undefined && mark.dts > last && mark.dts - last < timescale90k) this.#step = mark.dts - last;
    this.#lastDts = mark.dts;
    return mark;
  }

  #nominalStep(): number {
    const rate = this.#track?.frameRate;
    return rate === undefined ? usualFrame : Math.round(timescale90k / rate);
  }
}
