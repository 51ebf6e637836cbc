// ISO/IEC 14496-3 clauses 1.6.2.1 (AudioSpecificConfig) and 1.A.2 (ADTS).
import { BitReader, BitWriter } from '../bits.ts';
import type { AudioTrack } from '../track.ts';

/** Samples that one raw AAC frame decodes to (frameLengthFlag 0, the only one in use for broadcast). */
export const aacFrameSamples = 1024;

/** Table 1.18: samplingFrequencyIndex. */
const sampleRates: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];
/** Table 1.19: channels by channelConfiguration. */
const channelCounts = [undefined, 1, 2, 3, 4, 5, 6, 8] as const;

export interface AacConfig {
  /** audioObjectType, 2 for AAC-LC. */
  readonly objectType: number;
  readonly sampleRate: number;
  /** channelConfiguration: 1 to 6 are counts, 7 means 7.1. */
  readonly channelConfiguration: number;
}

export function aacTrack(config: AacConfig, audioSpecificConfig = writeAudioSpecificConfig(config)): AudioTrack {
  return {
    kind: 'audio',
    codec: 'aac',
    timescale: config.sampleRate,
    sampleRate: config.sampleRate,
    channels: channelCounts[config.channelConfiguration] ?? 2,
    config: audioSpecificConfig,
    codecString: `mp4a.40.${config.objectType}`,
  };
}

/** `undefined` when damaged, or when the channels are only described in a program config element. */
export function parseAudioSpecificConfig(bytes: Uint8Array): AacConfig | undefined {
  const bits = new BitReader(bytes);
  const objectType = readObjectType(bits);
  const sampleRate = readSampleRate(bits);
  const channelConfiguration = bits.bits(4);
  if (bits.exhausted || sampleRate === undefined || channelCounts[channelConfiguration] === undefined) return undefined;
  return { objectType, sampleRate, channelConfiguration };
}

function readObjectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === 31 ? 32 + bits.bits(6) : type;
}

function readSampleRate(bits: BitReader): number | undefined {
  const index = bits.bits(4);
  const rate = index === 15 ? bits.bits(24) : sampleRates[index];
  return rate === 0 ? undefined : rate;
}

export function writeAudioSpecificConfig(config: AacConfig): Uint8Array {
  const bits = new BitWriter();
  if (config.objectType >= 32) bits.bits(31, 5).bits(config.objectType - 32, 6);
  else bits.bits(config.objectType, 5);
  const index = sampleRates.indexOf(config.sampleRate);
  if (index >= 0) bits.bits(index, 4);
  else bits.bits(15, 4).bits(config.sampleRate, 24);
  return bits.bits(config.channelConfiguration, 4).bits(0, 3).bytes();
}

export interface AdtsHeader {
  readonly config: AacConfig;
  readonly headerBytes: number;
  /** Header included. */
  readonly frameBytes: number;
  /** More than one only in theory; such a frame can't be carried as one sample. */
  readonly rawBlocks: number;
}

export const adtsHeaderBytes = 7;
/** aac_frame_length has 13 bits. */
export const largestAdtsFrame = 8191;

/** The header at `at`, of which `adtsHeaderBytes` must be there; `undefined` when none can be. */
export function parseAdtsHeader(bytes: Uint8Array, at: number): AdtsHeader | undefined {
  if (bytes[at] !== 0xff) return undefined;
  const byte = (offset: number): number => bytes[at + offset] ?? 0;
  if ((byte(1) & 0xf6) !== 0xf0) return undefined;
  const sampleRate = sampleRates[(byte(2) >> 2) & 15];
  const headerBytes = (byte(1) & 1) === 1 ? 7 : 9;
  const frameBytes = ((byte(3) & 3) << 11) | (byte(4) << 3) | (byte(5) >> 5);
  if (sampleRate === undefined || frameBytes <= headerBytes) return undefined;
  const channelConfiguration = ((byte(2) & 1) << 2) | (byte(3) >> 6);
  const config = { objectType: (byte(2) >> 6) + 1, sampleRate, channelConfiguration };
  return { config, headerBytes, frameBytes, rawBlocks: (byte(6) & 3) + 1 };
}

/** Writes the 7-byte header of a frame of `payloadBytes` into `out`. Object types past 4 are written as LC, which their core is. */
export function writeAdtsHeader(out: Uint8Array, at: number, config: AacConfig, payloadBytes: number): void {
  const frame = payloadBytes + adtsHeaderBytes;
  const profile = config.objectType >= 1 && config.objectType <= 4 ? config.objectType - 1 : 1;
  const rate = sampleRates.indexOf(config.sampleRate);
  const channels = config.channelConfiguration;
  out[at] = 0xff;
  out[at + 1] = 0xf1;
  out[at + 2] = (profile << 6) | ((rate < 0 ? 4 : rate) << 2) | (channels >> 2);
  out[at + 3] = ((channels & 3) << 6) | (frame >> 11);
  out[at + 4] = (frame >> 3) & 255;
  out[at + 5] = ((frame & 7) << 5) | 0x1f;
  out[at + 6] = 0xfc;
}
