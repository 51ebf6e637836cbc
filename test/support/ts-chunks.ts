import type { MpegtsChunk } from '../../src/delivery/ports.ts';
import { TsMuxer } from '../../src/media/mpegts/muxer.ts';
import type { VideoTrack } from '../../src/media/track.ts';
import { ticks } from '../../src/units/ticks.ts';

/** 25 frames a second. */
export const frameTicks = 3600;

const track: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  timescale: 90_000,
  sps: Buffer.from('6764001facd9405005bb016a02020280000003008000001e078c18cb', 'hex'),
  pps: [Buffer.from('68ebe3cb22c0', 'hex')],
  width: 1280,
  height: 720,
  frameRate: 25,
  codecString: 'avc1.64001f',
};

export interface ChunkRange {
  /** Numbers of frames, which are their places on the timeline: `from` up to but not with `to`. */
  readonly from: number;
  readonly to: number;
  /** Frames from keyframe to keyframe; frame 0 is one. */
  readonly gop: number;
  readonly frameBytes?: number;
}

/** What one server's worker sends of a source: a chunk for each frame. The same frames on every server, counters of its own. */
export function tsChunks({ from, to, gop, frameBytes = 400 }: ChunkRange): MpegtsChunk[] {
  const muxer = new TsMuxer([track]);
  return Array.from({ length: to - from }, (_, i) => {
    const frame = from + i;
    const keyframe = frame % gop === 0;
    const dts = ticks(frame * frameTicks);
    const unit = new Uint8Array(frameBytes).fill(0xaa);
    unit.set([keyframe ? 0x65 : 0x41, 0x88]);
    return { keyframe, data: muxer.write([{ track: 0, dts, pts: dts, keyframe, units: [unit] }]) };
  });
}
