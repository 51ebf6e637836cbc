import type { Ticks } from '../units/ticks.ts';

/**
 * One access unit of one track, as a demuxer or depacketizer found it.
 * `dts` and `pts` are in the track's timescale, on the source's clock, with wraps already undone: they only mean something relative to each other.
 */
export interface Frame {
  /** Index into the input's tracks. */
  readonly track: number;
  readonly dts: Ticks;
  readonly pts: Ticks;
  /** For video: an IDR or another picture from which decoding can start. For audio: always true. */
  readonly keyframe: boolean;
  /**
   * Video: the NAL units without start codes or lengths, parameter sets and access unit delimiters included as they came.
   * Audio: exactly one raw frame (no ADTS header). The views may share one buffer; whoever keeps them copies them.
   */
  readonly units: readonly Uint8Array[];
}

/** A copy that may be kept: its units lie behind each other in memory of their own. */
export function ownFrame(frame: Frame): Frame {
  const bytes = new Uint8Array(frame.units.reduce((sum, unit) => sum + unit.length, 0));
  let at = 0;
  const units = frame.units.map((unit) => {
    bytes.set(unit, at);
    at += unit.length;
    return bytes.subarray(at - unit.length, at);
  });
  return { ...frame, units };
}
