// ISO/IEC 14496-12 clause 12 (sample entries), 14496-15 clause 5.4.2 (avc1), 14496-14 clause 5.6 (mp4a), 14496-1 clause 7.2.6 (esds).
import { unreachable } from '../../units/assert.ts';
import { avcDecoderConfiguration } from '../codec/avcc.ts';
import { parseSps } from '../codec/h264-sps.ts';
import type { AudioTrack, Track, VideoTrack } from '../track.ts';
import type { BoxWriter } from './box-writer.ts';

/** The one entry of a track's `stsd`. */
export function writeSampleEntry(out: BoxWriter, track: Track): void {
  switch (track.codec) {
    case 'h264':
      writeAvc1(out, track);
      break;
    case 'aac':
      writeMp4a(out, track);
      break;
    default:
      unreachable(track);
  }
}

function writeAvc1(out: BoxWriter, track: VideoTrack): void {
  out.box('avc1', () => {
    out.zeros(6).u16(1); // data_reference_index
    out.zeros(16).u16(track.width).u16(track.height);
    out
      .u32(72 << 16)
      .u32(72 << 16)
      .u32(0); // dots an inch
    out.u16(1).zeros(32).u16(24).u16(0xffff); // frames a sample, compressor's name, depth
    out.box('avcC', () => out.bytes(avcDecoderConfiguration(track)));
    const [width, height] = sampleAspectRatio(track);
    if (width !== height) out.box('pasp', () => out.u32(width).u32(height));
  });
}

/** Width to height of one sample: television has it other than square. */
export function sampleAspectRatio(track: VideoTrack): readonly [number, number] {
  return parseSps(track.sps)?.sampleAspectRatio ?? [1, 1];
}

function writeMp4a(out: BoxWriter, track: AudioTrack): void {
  out.box('mp4a', () => {
    out.zeros(6).u16(1); // data_reference_index
    out.zeros(8).u16(track.channels).u16(16).u32(0);
    // 16.16 fixed point; rates past 65,535 don't fit and are told by the AudioSpecificConfig alone.
    out.u16(track.sampleRate > 0xffff ? 0 : track.sampleRate).u16(0);
    out.fullBox('esds', 0, 0, () => writeElementaryStreamDescriptor(out, track.config));
  });
}

const descriptorTags = { elementaryStream: 3, decoderConfig: 4, decoderSpecific: 5, syncLayer: 6 } as const;
/** objectTypeIndication: ISO/IEC 14496-3 audio. */
const audioObjectType = 0x40;
/** streamType 5 (audio) in six bits, upStream 0, reserved 1. */
const audioStream = 0x15;

function writeElementaryStreamDescriptor(out: BoxWriter, config: Uint8Array): void {
  const decoderConfigBytes = 13 + 2 + config.length;
  out.u8(descriptorTags.elementaryStream).u8(3 + 2 + decoderConfigBytes + 2 + 1);
  out.u16(0).u8(0);
  out.u8(descriptorTags.decoderConfig).u8(decoderConfigBytes);
  out.u8(audioObjectType).u8(audioStream).zeros(3).u32(0).u32(0); // buffer size, largest and average rate: unknown
  out.u8(descriptorTags.decoderSpecific).u8(config.length).bytes(config);
  out.u8(descriptorTags.syncLayer).u8(1).u8(2);
}
