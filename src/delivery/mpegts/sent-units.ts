import { packetBytes } from '../../media/mpegts/ts-packet.ts';
import { timescale90k } from '../../units/ticks.ts';
import type { MpegtsChunk } from '../ports/ports.ts';
import { pidOf, timeBetween, unitStart, unitStarts } from './unit-start.ts';

/** Two servers' times of one frame may differ by their clocks' corrections; two frames never lie so close. */
export const sameFrameTicks = 900;
/** At 25 frames a second, until two frames have told it better. */
const usualFrameTicks = 3600;

/** What viewers have been sent, as far as it tells which of another server's units are new to them. */
export class SentUnits {
  /** The last unit's time of each PID. */
  readonly #last = new Map<number, number>();
  #lastPicture: number | undefined;
  #lastKeyframe: number | undefined;
  #frameTicks = usualFrameTicks;

  get lastPicture(): number | undefined {
    return this.#lastPicture;
  }

  /** The time of the keyframe of the group of pictures that is being sent. */
  get lastKeyframe(): number | undefined {
    return this.#lastKeyframe;
  }

  /** Between the last two pictures. */
  get frameTicks(): number {
    return this.#frameTicks;
  }

  add(chunk: MpegtsChunk): void {
    for (const unit of unitStarts(chunk.data)) {
      this.#last.set(unit.pid, unit.dts);
      if (!unit.video) continue;
      const step = this.#lastPicture === undefined ? 0 : timeBetween(this.#lastPicture, unit.dts);
      if (step > 0 && step < timescale90k) this.#frameTicks = step;
      this.#lastPicture = unit.dts;
      if (unit.keyframe) this.#lastKeyframe = unit.dts;
    }
  }

  /** What follows is on another timeline: all of it is new. */
  forget(): void {
    this.#last.clear();
    this.#lastPicture = undefined;
    this.#lastKeyframe = undefined;
  }

  /** Whether this picture is one that was sent last or earlier, or lies behind it. */
  isNew(dts: number): boolean {
    return this.#lastPicture === undefined || timeBetween(this.#lastPicture, dts) > sameFrameTicks;
  }

  /** The chunk without the units that were sent already; undefined when nothing is left but tables. */
  newPartOf(chunk: MpegtsChunk): MpegtsChunk | undefined {
    const kept = new Uint8Array(chunk.data.length);
    const keeps = new Map<number, boolean>();
    let length = 0;
    let first: boolean | undefined;
    for (let at = 0; at + packetBytes <= chunk.data.length; at += packetBytes) {
      const unit = unitStart(chunk.data, at);
      const pid = pidOf(chunk.data, at);
      if (unit !== undefined) keeps.set(pid, this.#isNewUnit(pid, unit.dts));
      if (keeps.get(pid) === false) continue;
      if (unit?.video) first ??= unit.keyframe;
      kept.set(chunk.data.subarray(at, at + packetBytes), length);
      length += packetBytes;
    }
    const something = [...keeps.values()].some((keep) => keep);
    return something ? { keyframe: chunk.keyframe && first === true, data: kept.subarray(0, length) } : undefined;
  }

  #isNewUnit(pid: number, dts: number): boolean {
    const last = this.#last.get(pid);
    return last === undefined || timeBetween(last, dts) > sameFrameTicks;
  }
}
