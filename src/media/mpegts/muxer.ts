// ISO/IEC 13818-1: frames into a transport stream of one program.
//
//   const muxer = new TsMuxer(tracks);
//   muxer.write(frames): Uint8Array     whole packets in a buffer of their own; frames in the order in which they are to be sent
//
// Times are the frames' own (video 90 kHz, audio samples), modulo 2^33: a timeline in UTC may be passed as it is.
// In front of each keyframe stand PAT and PMT, and in it an access unit delimiter and the parameter sets: a decoder may start there.
// Other tracks need another muxer; `ContinuityRewriter` joins the output of two.
import { assert, unreachable } from '../../units/assert.ts';
import { rescale, type Ticks, timescale90k } from '../../units/ticks.ts';
import { type AacConfig, adtsHeaderBytes, parseAudioSpecificConfig, writeAdtsHeader } from '../codec/aac.ts';
import { nal, nalType } from '../codec/h264.ts';
import { missingParameterSets } from '../codec/h264-access-unit.ts';
import type { Frame } from '../frame.ts';
import type { AudioTrack, Track, VideoTrack } from '../track.ts';
import { type PacketUnit, PacketWriter, packetizedBytes } from './packet-writer.ts';
import { pesHeaderBytes, writePesHeader } from './pes.ts';
import { patPid, writePat, writePmt } from './psi.ts';
import { streamTypes } from './stream-type.ts';

const program = 1;
const pmtPid = 0x1000;
const firstTrackPid = 0x100;
const videoStreamId = 0xe0;
const audioStreamId = 0xc0;
/** Who tunes in between keyframes learns of the program within this time (90 kHz); broadcasters repeat it as often. */
const tablesInterval = timescale90k / 2;
/** How far the clock runs behind decode times: audio may arrive this much after the video of its time. As ffmpeg does it. */
const pcrLead = Math.round(0.7 * timescale90k);

const startCode = Uint8Array.of(0, 0, 0, 1);
/** primary_pic_type 7: any slice. */
const delimiter = Uint8Array.of(nal.delimiter, 0xf0);

interface Output {
  readonly track: Track;
  readonly pid: number;
  readonly streamId: number;
  /** What a PES packet of this track carries, in the form of its codec. */
  readonly payload: (frame: Frame) => readonly Uint8Array[];
}

export class TsMuxer {
  readonly #outputs: readonly Output[];
  readonly #pcrTrack: number;
  readonly #tables: readonly PacketUnit[];
  readonly #counters = new Map<number, number>();
  #lastTables: number | undefined;

  constructor(tracks: readonly Track[]) {
    this.#outputs = tracks.map((track, i) => output(track, firstTrackPid + i));
    const video = tracks.findIndex(({ kind }) => kind === 'video');
    this.#pcrTrack = Math.max(0, video);
    this.#tables = [section(patPid, writePat(program, pmtPid)), section(pmtPid, this.#map())];
  }

  write(frames: readonly Frame[]): Uint8Array {
    const units = frames.flatMap((frame) => this.#frame(frame));
    const out = new PacketWriter(units.reduce((sum, unit) => sum + packetizedBytes(unit), 0));
    for (const unit of units) {
      this.#counters.set(unit.pid, out.write(unit, this.#counters.get(unit.pid) ?? 0));
    }
    return out.bytes;
  }

  #map(): Uint8Array {
    const streams = this.#outputs.map(({ track, pid }) => ({ pid, streamType: streamTypes[track.codec] }));
    const layout = { program, pcrPid: firstTrackPid + this.#pcrTrack, streams };
    // Another layout has another version, whichever server wrote it: the CRC of the map tells them apart.
    const crc = writePmt({ ...layout, version: 0 }).at(-1) ?? 0;
    return writePmt({ ...layout, version: crc & 31 });
  }

  #frame(frame: Frame): PacketUnit[] {
    const output = this.#outputs[frame.track];
    assert(output !== undefined, `the muxer has no track ${frame.track}`);
    const { track, pid, streamId } = output;
    const dts = rescale(frame.dts, track.timescale, timescale90k);
    const pts = rescale(frame.pts, track.timescale, timescale90k);
    const payload = output.payload(frame);
    const byteLength = payload.reduce((sum, piece) => sum + piece.length, 0);
    const header = new Uint8Array(pesHeaderBytes(pts !== dts));
    writePesHeader(header, 0, { streamId, pts, dts, payloadBytes: byteLength });
    const unit = {
      pid,
      pieces: [header, ...payload],
      byteLength: header.length + byteLength,
      randomAccess: frame.keyframe,
      pcr: frame.track === this.#pcrTrack ? dts - pcrLead : undefined,
    };
    return this.#tablesDue(frame, track, dts) ? [...this.#tables, unit] : [unit];
  }

  #tablesDue(frame: Frame, track: Track, dts: Ticks): boolean {
    const entry = track.kind === 'video' && frame.keyframe;
    const age = dts - (this.#lastTables ?? Number.NEGATIVE_INFINITY);
    const due = entry || Math.abs(age) >= tablesInterval;
    if (due) this.#lastTables = dts;
    return due;
  }
}

function output(track: Track, pid: number): Output {
  switch (track.codec) {
    case 'h264':
      return { track, pid, streamId: videoStreamId, payload: (frame) => videoPieces(frame, track) };
    case 'aac': {
      const config = aacConfig(track);
      return { track, pid, streamId: audioStreamId, payload: (frame) => audioPieces(frame, config) };
    }
    default:
      return unreachable(track);
  }
}

/** A unit of its own packet, behind the pointer_field and in front of stuffing that belongs to the payload. */
function section(pid: number, bytes: Uint8Array): PacketUnit {
  const payload = new Uint8Array(184).fill(0xff);
  payload[0] = 0;
  payload.set(bytes, 1);
  return { pid, pieces: [payload], byteLength: payload.length, randomAccess: false, pcr: undefined };
}

function aacConfig(track: AudioTrack): AacConfig {
  const parsed = parseAudioSpecificConfig(track.config);
  return parsed ?? { objectType: 2, sampleRate: track.sampleRate, channelConfiguration: track.channels };
}

function audioPieces(frame: Frame, config: AacConfig): readonly Uint8Array[] {
  const header = new Uint8Array(adtsHeaderBytes);
  const payloadBytes = frame.units.reduce((sum, unit) => sum + unit.length, 0);
  writeAdtsHeader(header, 0, config, payloadBytes);
  return [header, ...frame.units];
}

function videoPieces(frame: Frame, track: VideoTrack): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [startCode, delimiter];
  for (const set of missingParameterSets(frame, track)) pieces.push(startCode, set);
  for (const unit of frame.units) if (nalType(unit) !== nal.delimiter) pieces.push(startCode, unit);
  return pieces;
}
