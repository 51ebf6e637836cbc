// RFC 3550 clause 6.4: sender and receiver reports, in compound packets.
import { type UnixMicros, unixMicros } from '../../units/time.ts';
import { long, word, writeLong, writeWord } from './packet.ts';

const senderReportType = 200;
const receiverReportType = 201;
const senderReportBytes = 28;
const receiverReportBytes = 32;
/** NTP counts from 1900. */
const ntpOffsetSeconds = 2_208_988_800;

/** What a sender says of its clocks: at `at` (by its own wall clock, however wrong) its media clock showed `timestamp`. */
export interface SenderReport {
  readonly ssrc: number;
  readonly at: UnixMicros;
  readonly timestamp: number;
  /** The middle of the NTP time, which a receiver repeats. */
  readonly ntpMiddle: number;
}

/** The first sender report of a compound packet; `undefined` when there is none, or one without a time. */
export function parseSenderReport(bytes: Uint8Array, from: number, to: number): SenderReport | undefined {
  for (let at = from; at + 8 <= to; at += 4 + 4 * word(bytes, at + 2)) {
    if (bytes[at] === undefined || (bytes[at] ?? 0) >> 6 !== 2) return undefined;
    if (bytes[at + 1] === senderReportType && at + senderReportBytes <= to) return readSenderReport(bytes, at);
  }
  return undefined;
}

function readSenderReport(bytes: Uint8Array, at: number): SenderReport | undefined {
  const seconds = long(bytes, at + 8);
  const fraction = long(bytes, at + 12);
  // Devices without a clock say 0, or count from their start: then both tracks do, and it is as good.
  if (seconds === 0 && fraction === 0) return undefined;
  const micros = (seconds - ntpOffsetSeconds) * 1_000_000 + Math.round((fraction * 1_000_000) / 2 ** 32);
  return {
    ssrc: long(bytes, at + 4),
    at: unixMicros(micros),
    timestamp: long(bytes, at + 16),
    ntpMiddle: ((seconds & 0xffff) * 65_536 + (fraction >>> 16)) >>> 0,
  };
}

export interface SenderReportFields {
  readonly ssrc: number;
  readonly at: UnixMicros;
  readonly timestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

export function buildSenderReport(fields: SenderReportFields): Uint8Array {
  const out = new Uint8Array(senderReportBytes);
  writeHead(out, 0, senderReportType, senderReportBytes);
  const seconds = Math.floor(fields.at / 1_000_000);
  writeLong(out, 4, fields.ssrc);
  writeLong(out, 8, seconds + ntpOffsetSeconds);
  writeLong(out, 12, Math.floor(((fields.at - seconds * 1_000_000) * 2 ** 32) / 1_000_000));
  writeLong(out, 16, fields.timestamp);
  writeLong(out, 20, fields.packets);
  writeLong(out, 24, fields.bytes);
  return out;
}

export interface ReceiverReportFields {
  /** Of the receiver. */
  readonly ssrc: number;
  readonly sender: number;
  readonly lost: number;
  readonly highestSequence: number;
  /** Of the report that this answers at once; 0 without one. */
  readonly ntpMiddle: number;
}

/** A receiver report with one block; some servers end sessions that never send one. */
export function buildReceiverReport(fields: ReceiverReportFields): Uint8Array {
  const out = new Uint8Array(receiverReportBytes);
  writeHead(out, 1, receiverReportType, receiverReportBytes);
  writeLong(out, 4, fields.ssrc);
  writeLong(out, 8, fields.sender);
  writeLong(out, 12, Math.min(fields.lost, 0x7fffff));
  writeLong(out, 16, fields.highestSequence);
  writeLong(out, 24, fields.ntpMiddle);
  return out;
}

function writeHead(out: Uint8Array, blocks: number, type: number, bytes: number): void {
  out[0] = 0x80 | blocks;
  out[1] = type;
  writeWord(out, 2, bytes / 4 - 1);
}
