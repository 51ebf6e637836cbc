import { packetizeAac } from '../../media/rtp/aac-packetizer.ts';
import { packetizeH264 } from '../../media/rtp/h264-packetizer.ts';
import { rtpHeaderBytes, writeLong, writeRtpHeader, writeWord } from '../../media/rtp/packet.ts';
import { interleavedHeaderBytes, writeInterleavedHeader } from '../../media/rtsp/message.ts';
import { rescale, ticks, timescale90k } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import type { Clip, ClipFrame } from './clip.ts';
import type { Reel, Stamp } from './reel.ts';

/** What fits into an Ethernet frame with all headers; cameras packetize for UDP whatever carries it. */
const largestPayload = 1400;
const headerBytes = interleavedHeaderBytes + rtpHeaderBytes;

/** A track of the reel. Its packets go out on `channel`, its reports on the next one, unless a session asks for others. */
export interface RtpTrack {
  readonly kind: ClipFrame['kind'];
  readonly channel: number;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly ssrc: number;
  /** Where its timestamps start: each track elsewhere, so that only reports join them. */
  readonly offset: number;
}

export interface RtpReel extends Reel {
  readonly tracks: readonly RtpTrack[];
  /** What a track's media clock shows after `elapsed` milliseconds: for sender reports. */
  timestampAt(track: RtpTrack, elapsed: number, shift90k: number): number;
}

interface Packet {
  readonly track: RtpTrack;
  /** In the reel's bytes, interleaved header included. */
  readonly from: number;
  readonly to: number;
  readonly sequence: number;
  readonly pts: number;
}

/** A clip cut into interleaved RTP packets once; what goes out is copied from it with its numbers moved on. */
export function rtpReel(clip: Clip): RtpReel {
  const tracks = tracksOf(clip);
  const { bytes, packets, pieceFrom, perLoop } = packetize(clip, tracks);
  const first = clip.frames.find(({ kind }) => kind === 'video')?.dts ?? 0;

  function render(from: number, to: number, stamp: Stamp): Uint8Array {
    const packetFrom = pieceFrom[from] ?? packets.length;
    const packetTo = pieceFrom[to] ?? packets.length;
    const base = packets[packetFrom]?.from ?? bytes.length;
    const out = bytes.slice(base, packets[packetTo]?.from ?? bytes.length);
    const shift = stamp.shift90k + stamp.loop * clip.length90k;
    let kept = 0;
    for (let i = packetFrom; i < packetTo; i++) {
      const packet = packets[i];
      if (packet === undefined) continue;
      if (!stamp.audio && packet.track.kind === 'audio') continue;
      const at = packet.from - base;
      // What is left out makes room for what follows.
      if (at !== kept) out.copyWithin(kept, at, packet.to - base);
      const rtp = kept + interleavedHeaderBytes;
      writeWord(out, rtp + 2, packet.sequence + stamp.loop * (perLoop.get(packet.track) ?? 0));
      writeLong(out, rtp + 4, timestampOf(packet.track, packet.pts + shift));
      kept += packet.to - packet.from;
    }
    return out.subarray(0, kept);
  }

  return {
    loop: millis(clip.length90k / 90),
    dueAt: Float64Array.from(clip.frames, ({ dts }) => Math.max(0, dts - first) / 90),
    keyPieces: clip.frames.flatMap(({ keyframe }, i) => (keyframe ? [i] : [])),
    render,
    tracks,
    timestampAt: (track, elapsed, shift90k) => timestampOf(track, first + elapsed * 90 + shift90k),
  };
}

function tracksOf(clip: Clip): RtpTrack[] {
  const video: RtpTrack = {
    kind: 'video',
    channel: 0,
    payloadType: 96,
    clockRate: timescale90k,
    ssrc: 0x48570001,
    offset: 0,
  };
  if (clip.audio === undefined) return [video];
  const clockRate = clip.audio.sampleRate;
  return [video, { kind: 'audio', channel: 2, payloadType: 97, clockRate, ssrc: 0x48570002, offset: 0xc0ffee00 }];
}

function timestampOf(track: RtpTrack, time90k: number): number {
  const own = rescale(ticks(time90k), timescale90k, track.clockRate) + track.offset;
  return ((own % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

function packetize(
  clip: Clip,
  tracks: readonly RtpTrack[],
): { bytes: Uint8Array; packets: Packet[]; pieceFrom: number[]; perLoop: Map<RtpTrack, number> } {
  const parts: Uint8Array[] = [];
  const packets: Packet[] = [];
  const pieceFrom: number[] = [];
  const perLoop = new Map<RtpTrack, number>();
  let length = 0;
  for (const frame of clip.frames) {
    pieceFrom.push(packets.length);
    const track = tracks.find(({ kind }) => kind === frame.kind);
    if (track === undefined) continue;
    const payloads = frame.kind === 'video' ? packetizeH264(frame.units, largestPayload) : [packetizeAac(frame.units)];
    for (const [i, payload] of payloads.entries()) {
      const sequence = perLoop.get(track) ?? 0;
      perLoop.set(track, sequence + 1);
      const part = packetBytes(track, payload, i === payloads.length - 1);
      packets.push({ track, from: length, to: length + part.length, sequence, pts: frame.pts });
      parts.push(part);
      length += part.length;
    }
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)), packets, pieceFrom, perLoop };
}

/** Sequence number and timestamp are written when it is sent. */
function packetBytes(track: RtpTrack, payload: Uint8Array, marker: boolean): Uint8Array {
  const { payloadType, ssrc } = track;
  const part = new Uint8Array(headerBytes + payload.length);
  writeInterleavedHeader(part, 0, track.channel, rtpHeaderBytes + payload.length);
  writeRtpHeader(part, interleavedHeaderBytes, { marker, payloadType, sequence: 0, timestamp: 0, ssrc });
  part.set(payload, headerBytes);
  return part;
}
