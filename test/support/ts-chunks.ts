import type { MpegtsChunk } from '../../src/delivery/ports/ports.ts';
import type { Frame } from '../../src/media/frame.ts';
import { TsMuxer } from '../../src/media/mpegts/muxer.ts';
import type { AudioTrack, VideoTrack } from '../../src/media/track.ts';
import { ticks } from '../../src/units/ticks.ts';

/** 25 frames a second. */
export const frameTicks = 3600;
/** In audio samples, of which a frame of AAC has 1024. */
const audioFrameSamples = 1024;
const samplesPerPicture = 48_000 / 25;

const video: VideoTrack = {
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

const audio: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  timescale: 48_000,
  sampleRate: 48_000,
  channels: 2,
  config: Uint8Array.of(0x11, 0x90),
  codecString: 'mp4a.40.2',
};

export interface ChunkRange {
  /** Numbers of frames, which are their places on the timeline: `from` up to but not with `to`. */
  readonly from: number;
  readonly to: number;
  /** Frames from keyframe to keyframe; frame 0 is one. */
  readonly gop: number;
  readonly frameBytes?: number;
  /** With audio, which runs so many pictures behind the video, as another server's network may have it. */
  readonly audioLag?: number;
}

/** What one server's worker sends of a source: a chunk for each frame. The same frames on every server, counters of its own. */
export function tsChunks({ from, to, gop, frameBytes = 400, audioLag }: ChunkRange): MpegtsChunk[] {
  const muxer = new TsMuxer(audioLag === undefined ? [video] : [video, audio]);
  return Array.from({ length: to - from }, (_, i) => {
    const frame = from + i;
    const keyframe = frame % gop === 0;
    const dts = ticks(frame * frameTicks);
    const unit = new Uint8Array(frameBytes).fill(0xaa);
    unit.set([keyframe ? 0x65 : 0x41, 0x88]);
    const sound = audioLag === undefined ? [] : audioOf(frame - audioLag);
    return { keyframe, data: muxer.write([{ track: 0, dts, pts: dts, keyframe, units: [unit] }, ...sound]) };
  });
}

/** The audio frames that begin while this picture is shown. */
function audioOf(picture: number): Frame[] {
  const first = Math.ceil((picture * samplesPerPicture) / audioFrameSamples);
  const end = Math.ceil(((picture + 1) * samplesPerPicture) / audioFrameSamples);
  return Array.from({ length: end - first }, (_, i) => {
    const dts = ticks((first + i) * audioFrameSamples);
    return { track: 1, dts, pts: dts, keyframe: true, units: [new Uint8Array(50).fill(0x21)] };
  });
}
