import { assert } from '../../units/assert.ts';
import { millis } from '../../units/time.ts';
import type { Reel, Stamp } from './reel.ts';

// ISO/IEC 13818-1: packets 2.4.3.2, adaptation field 2.4.3.4, PES header 2.4.3.6.
const packetSize = 188;
const syncByte = 0x47;

/** A timestamp's place in the clip and its own value; `pcr` is written in another form than PTS and DTS. */
interface StampField {
  readonly at: number;
  readonly form: 'pcr' | 'pes';
  readonly value: number;
}

interface Piece {
  readonly firstPacket: number;
  readonly due: number;
}

/**
 * A transport stream file as an endless stream: its own packets with timestamps and continuity counters that go on over the loop.
 * It does not use the product's muxer, so that what the tests feed to the demuxer was made by somebody else.
 */
export function tsReel(clip: Uint8Array): Reel {
  assert(clip.length % packetSize === 0 && clip.length > 0, 'the clip is whole transport stream packets');
  const index = indexPackets(clip);
  const dueAt = Float64Array.from(index.pieces, (piece) => piece.due);
  const loop90k = loopLength(dueAt) * 90;

  function render(from: number, to: number, stamp: Stamp): Uint8Array {
    const first = index.pieces[from]?.firstPacket ?? 0;
    const last = index.pieces[to]?.firstPacket ?? clip.length / packetSize;
    const out = Buffer.from(clip.subarray(first * packetSize, last * packetSize));
    const base = first * packetSize;
    for (let packet = first; packet < last; packet++) {
      const at = packet * packetSize - base + 3;
      const perLoop = index.perLoop[packet] ?? 0;
      out[at] = ((out[at] ?? 0) & 0xf0) | (((out[at] ?? 0) + perLoop * stamp.loop) & 0x0f);
    }
    const shift = stamp.shift90k + stamp.loop * loop90k;
    for (let i = index.fieldFrom[from] ?? 0; i < (index.fieldFrom[to] ?? index.fields.length); i++) {
      const field = index.fields[i];
      if (field !== undefined) writeStamp(out, field.at - base, field.form, wrap33(field.value + shift));
    }
    return stamp.audio ? out : withoutPid(out, index.audioPid);
  }

  return { loop: millis(loop90k / 90), dueAt, keyPieces: index.keyPieces, render };
}

/** From the first frame to the one that follows the last, in whole 90 kHz ticks. */
function loopLength(dueAt: Float64Array): number {
  const last = dueAt.at(-1) ?? 0;
  assert(dueAt.length > 1 && last > 0, 'the clip has more than one video frame');
  return Math.round(((last * 90) / (dueAt.length - 1)) * dueAt.length) / 90;
}

interface PacketIndex {
  readonly pieces: readonly Piece[];
  readonly keyPieces: readonly number[];
  readonly fields: readonly StampField[];
  /** The first field of each piece. */
  readonly fieldFrom: readonly number[];
  /** By packet: how far its PID's continuity counter moves in a whole loop. */
  readonly perLoop: Uint8Array;
  readonly audioPid: number;
}

/** A piece begins with the packet in which a video access unit starts, or with the tables before it. */
function indexPackets(clip: Uint8Array): PacketIndex {
  const count = clip.length / packetSize;
  const payloads = new Map<number, number>();
  const pids = new Uint16Array(count);
  const pieces: Piece[] = [];
  const keyPieces: number[] = [];
  const fields: StampField[] = [];
  const fieldFrom: number[] = [];
  let audioPid = -1;
  let tablesFrom = -1;
  let firstDts: number | undefined;

  for (let packet = 0; packet < count; packet++) {
    const head = readPacket(clip, packet * packetSize);
    pids[packet] = head.pid;
    if (head.payloadAt !== undefined) payloads.set(head.pid, (payloads.get(head.pid) ?? 0) + 1);
    const pes = head.starts && head.payloadAt !== undefined ? readPes(clip, head.payloadAt) : undefined;
    if (pes?.kind === 'audio') audioPid = head.pid;
    if (pes?.kind === 'video') {
      firstDts ??= pes.decodeAt;
      if (head.randomAccess) keyPieces.push(pieces.length);
      pieces.push({ firstPacket: tablesFrom < 0 ? packet : tablesFrom, due: (pes.decodeAt - firstDts) / 90 });
      fieldFrom.push(fields.length);
    }
    if (head.pcr !== undefined) fields.push(head.pcr);
    if (pes !== undefined) fields.push(...pes.fields);
    if (!head.starts || pes !== undefined) tablesFrom = -1;
    else if (tablesFrom < 0) tablesFrom = packet;
  }
  const perLoop = Uint8Array.from(pids, (pid) => (payloads.get(pid) ?? 0) & 0x0f);
  return { pieces, keyPieces, fields, fieldFrom, perLoop, audioPid };
}

function readPacket(
  clip: Uint8Array,
  at: number,
): {
  pid: number;
  starts: boolean;
  randomAccess: boolean;
  pcr: StampField | undefined;
  payloadAt: number | undefined;
} {
  assert(clip[at] === syncByte, 'the clip has its sync bytes');
  const flags = clip[at + 3] ?? 0;
  const hasAdaptation = (flags & 0x20) !== 0;
  const adaptation = hasAdaptation ? (clip[at + 4] ?? 0) : 0;
  const adaptationFlags = adaptation > 0 ? (clip[at + 5] ?? 0) : 0;
  return {
    pid: (((clip[at + 1] ?? 0) & 0x1f) << 8) | (clip[at + 2] ?? 0),
    starts: ((clip[at + 1] ?? 0) & 0x40) !== 0,
    randomAccess: (adaptationFlags & 0x40) !== 0,
    pcr: (adaptationFlags & 0x10) !== 0 ? { at: at + 6, form: 'pcr', value: readPcr(clip, at + 6) } : undefined,
    payloadAt: (flags & 0x10) !== 0 ? at + 4 + (hasAdaptation ? 1 + adaptation : 0) : undefined,
  };
}

function readPes(
  clip: Uint8Array,
  at: number,
): { kind: 'video' | 'audio'; decodeAt: number; fields: StampField[] } | undefined {
  if (clip[at] !== 0 || clip[at + 1] !== 0 || clip[at + 2] !== 1) return undefined;
  const streamId = clip[at + 3] ?? 0;
  const fields: StampField[] = [];
  const flags = clip[at + 7] ?? 0;
  if ((flags & 0x80) !== 0) fields.push({ at: at + 9, form: 'pes', value: readPesStamp(clip, at + 9) });
  if ((flags & 0x40) !== 0) fields.push({ at: at + 14, form: 'pes', value: readPesStamp(clip, at + 14) });
  const decodeAt = fields.at(-1)?.value;
  if (decodeAt === undefined) return undefined;
  return { kind: (streamId & 0xf0) === 0xe0 ? 'video' : 'audio', decodeAt, fields };
}

function readPcr(data: Uint8Array, at: number): number {
  const high = new DataView(data.buffer, data.byteOffset + at, 4).getUint32(0);
  return high * 2 + ((data[at + 4] ?? 0) >> 7);
}

function readPesStamp(data: Uint8Array, at: number): number {
  const byte = (i: number): number => data[at + i] ?? 0;
  return ((byte(0) >> 1) & 0x07) * 2 ** 30 + (byte(1) << 22) + ((byte(2) >> 1) << 15) + (byte(3) << 7) + (byte(4) >> 1);
}

function writeStamp(out: Buffer, at: number, form: StampField['form'], value: number): void {
  if (form === 'pcr') {
    out.writeUInt32BE(Math.floor(value / 2), at);
    out[at + 4] = ((value % 2) << 7) | ((out[at + 4] ?? 0) & 0x7f);
    return;
  }
  const high = Math.floor(value / 2 ** 30);
  const low = value % 2 ** 30;
  out[at] = ((out[at] ?? 0) & 0xf1) | (high << 1);
  out.writeUInt16BE((((low >> 15) & 0x7fff) << 1) | 1, at + 1);
  out.writeUInt16BE(((low & 0x7fff) << 1) | 1, at + 3);
}

function wrap33(value: number): number {
  return ((value % 2 ** 33) + 2 ** 33) % 2 ** 33;
}

function withoutPid(packets: Buffer, pid: number): Uint8Array {
  const kept: Buffer[] = [];
  for (let at = 0; at < packets.length; at += packetSize) {
    if ((packets.readUInt16BE(at + 1) & 0x1fff) !== pid) kept.push(packets.subarray(at, at + packetSize));
  }
  return Buffer.concat(kept);
}
