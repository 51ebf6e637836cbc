// The beginning of an index, little-endian:
//
//    0  "HWIX"                          24  incarnation          u64
//    4  version            u16          32  each track, 16 bytes: track_ID u32, timescale u32, UTC origin i64
//    6  length of it all   u16           …  name of the stream, UTF-8
//    8  init: bytes        u32           …  name of the server, UTF-8
//   12  init: CRC-32       u32           …  zeros
//   16  tracks             u16          -4  CRC-32 of everything before it
//   18  stream: bytes      u16
//   20  server: bytes      u16
//   22  zero               u16
//
// The length is a multiple of a record's, so that no record lies in two sectors of a disk.
import { assert } from '../../units/assert.ts';
import {
  type Incarnation,
  incarnation,
  type ServerName,
  type StreamName,
  serverName,
  streamName,
} from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { crc32 } from './crc32.ts';
import { getWhole, setWhole, viewOf } from './fields.ts';
import { recordBytes } from './record.ts';

export interface RunHeader {
  /** Under which it was recorded; the folder says under which it is kept. */
  readonly stream: StreamName;
  readonly server: ServerName;
  readonly incarnation: Incarnation;
  /** What the recording begins with: `ftyp` and `moov`. */
  readonly init: { readonly length: number; readonly checksum: number };
  readonly tracks: readonly IndexedTrack[];
}

export interface IndexedTrack {
  /** `track_ID` in the recording. */
  readonly id: number;
  readonly timescale: number;
  /** UTC of the recording's decode time 0, in the track's timescale. */
  readonly origin: Ticks;
}

/** `newer`: a later version's, to be left as it is. `spoilt`: not the beginning of an index, or not all of it. */
export type ReadHeader =
  | { readonly kind: 'header'; readonly header: RunHeader; readonly length: number; readonly checksum: number }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'spoilt' };

const magic = 0x58495748;
const version = 1;
const fixedBytes = 32;
const trackBytes = 16;
const checksumBytes = 4;
const spoilt = { kind: 'spoilt' } as const;

export function encodeHeader(header: RunHeader): Uint8Array {
  const [stream, server] = [header.stream, header.server].map((name) => new TextEncoder().encode(name)) as [
    Uint8Array,
    Uint8Array,
  ];
  const used = fixedBytes + trackBytes * header.tracks.length + stream.length + server.length + checksumBytes;
  const length = Math.ceil(used / recordBytes) * recordBytes;
  assert(length <= 0xffff, 'the header of an index is less than 64 KiB');
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  view.setUint32(0, magic, true);
  view.setUint16(4, version, true);
  view.setUint16(6, length, true);
  view.setUint32(8, header.init.length, true);
  view.setUint32(12, header.init.checksum, true);
  view.setUint16(16, header.tracks.length, true);
  view.setUint16(18, stream.length, true);
  view.setUint16(20, server.length, true);
  setWhole(view, 24, header.incarnation);
  let at = fixedBytes;
  for (const { id, timescale, origin } of header.tracks) {
    view.setUint32(at, id, true);
    view.setUint32(at + 4, timescale, true);
    setWhole(view, at + 8, origin);
    at += trackBytes;
  }
  bytes.set(stream, at);
  bytes.set(server, at + stream.length);
  view.setUint32(length - checksumBytes, crc32(bytes.subarray(0, -checksumBytes)), true);
  return bytes;
}

/** Of bytes that begin with a header. Every version has the magic, its number, the length and the CRC at the same places. */
export function decodeHeader(bytes: Uint8Array): ReadHeader {
  if (bytes.length < fixedBytes) return spoilt;
  const view = viewOf(bytes);
  const length = view.getUint16(6, true);
  if (view.getUint32(0, true) !== magic || length < fixedBytes || length > bytes.length) return spoilt;
  const checksum = headerChecksum(bytes.subarray(0, length));
  if (crc32(bytes.subarray(0, length - checksumBytes)) !== checksum) return spoilt;
  const written = view.getUint16(4, true);
  if (written > version) return { kind: 'newer', version: written };
  const header = written === version ? readFields(bytes.subarray(0, length - checksumBytes)) : undefined;
  return header === undefined ? spoilt : { kind: 'header', header, length, checksum };
}

/** The CRC at the end of an encoded header, from which its records' go on. */
export function headerChecksum(header: Uint8Array): number {
  return viewOf(header).getUint32(header.length - checksumBytes, true);
}

function readFields(bytes: Uint8Array): RunHeader | undefined {
  const view = viewOf(bytes);
  const [tracks, stream, server] = [16, 18, 20].map((at) => view.getUint16(at, true)) as [number, number, number];
  const namesAt = fixedBytes + trackBytes * tracks;
  if (namesAt + stream + server > bytes.length) return undefined;
  const life = getWhole(view, 24);
  const read = Array.from({ length: tracks }, (_, i) => readTrack(view, fixedBytes + trackBytes * i));
  const known = read.filter((track) => track !== undefined);
  if (life === undefined || known.length < tracks) return undefined;
  const text = (from: number, to: number): string => new TextDecoder().decode(bytes.subarray(from, to));
  return {
    stream: streamName(text(namesAt, namesAt + stream)),
    server: serverName(text(namesAt + stream, namesAt + stream + server)),
    incarnation: incarnation(life),
    init: { length: view.getUint32(8, true), checksum: view.getUint32(12, true) },
    tracks: known,
  };
}

function readTrack(view: DataView, at: number): IndexedTrack | undefined {
  const origin = getWhole(view, at + 8);
  const timescale = view.getUint32(at + 4, true);
  if (origin === undefined || timescale === 0) return undefined;
  return { id: view.getUint32(at, true), timescale, origin: ticks(origin) };
}
