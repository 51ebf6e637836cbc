// ISO/IEC 13818-1 clause 2.4.4: program association and program map sections.
import { crc32Mpeg } from './crc32.ts';

export const patPid = 0;

const patTableId = 0;
const pmtTableId = 2;
/** table_id to last_section_number, and the CRC behind the content. */
const headerBytes = 8;
const crcBytes = 4;

export interface Pat {
  readonly version: number;
  /** In the order of the section; the network PID (program 0) is left out. */
  readonly programs: readonly { readonly number: number; readonly pmtPid: number }[];
}

export interface Pmt {
  readonly version: number;
  readonly program: number;
  readonly pcrPid: number;
  readonly streams: readonly PmtStream[];
}

export interface PmtStream {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: readonly Descriptor[];
}

export interface Descriptor {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** What a section says that is in force now and whose CRC is right; anything else is told apart by `undefined` and `crc`. */
export type Section =
  | { readonly kind: 'pat'; readonly pat: Pat }
  | { readonly kind: 'pmt'; readonly pmt: Pmt }
  | { readonly kind: 'bad'; readonly why: 'crc' | 'malformed' }
  | { readonly kind: 'other' };

const other: Section = { kind: 'other' };

/** `bytes`: a whole section from table_id to CRC. */
export function parseSection(bytes: Uint8Array): Section {
  const tableId = bytes[0];
  if (tableId !== patTableId && tableId !== pmtTableId) return other;
  if (bytes.length < headerBytes + crcBytes) return { kind: 'bad', why: 'malformed' };
  if (crc32Mpeg(bytes) !== 0) return { kind: 'bad', why: 'crc' };
  const inForce = (u8(bytes, 5) & 1) === 1;
  if (!inForce) return other;
  const section = tableId === patTableId ? parsePat(bytes) : parsePmt(bytes);
  return section ?? { kind: 'bad', why: 'malformed' };
}

function parsePat(bytes: Uint8Array): Section {
  const programs = [];
  for (let at = headerBytes; at + 4 <= bytes.length - crcBytes; at += 4) {
    const number = u16(bytes, at);
    if (number !== 0) programs.push({ number, pmtPid: u16(bytes, at + 2) & 0x1fff });
  }
  return { kind: 'pat', pat: { version: versionOf(bytes), programs } };
}

function parsePmt(bytes: Uint8Array): Section | undefined {
  const end = bytes.length - crcBytes;
  const streams: PmtStream[] = [];
  let at = headerBytes + 4 + (u16(bytes, 10) & 0xfff);
  while (at + 5 <= end) {
    const infoEnd = at + 5 + (u16(bytes, at + 3) & 0xfff);
    if (infoEnd > end) return undefined;
    const descriptors = parseDescriptors(bytes, at + 5, infoEnd);
    streams.push({ pid: u16(bytes, at + 1) & 0x1fff, streamType: u8(bytes, at), descriptors });
    at = infoEnd;
  }
  if (at !== end) return undefined;
  const pmt = { version: versionOf(bytes), program: u16(bytes, 3), pcrPid: u16(bytes, 8) & 0x1fff, streams };
  return { kind: 'pmt', pmt };
}

function parseDescriptors(bytes: Uint8Array, from: number, to: number): Descriptor[] {
  const descriptors: Descriptor[] = [];
  let at = from;
  while (at + 2 <= to) {
    const end = Math.min(to, at + 2 + u8(bytes, at + 1));
    descriptors.push({ tag: u8(bytes, at), data: bytes.slice(at + 2, end) });
    at = end;
  }
  return descriptors;
}

function versionOf(bytes: Uint8Array): number {
  return (u8(bytes, 5) >> 1) & 31;
}

function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) << 8) | u8(bytes, at + 1);
}

/** A PAT with one program. */
export function writePat(program: number, pmtPid: number): Uint8Array {
  return section(patTableId, 1, [program >> 8, program & 255, 0xe0 | (pmtPid >> 8), pmtPid & 255]);
}

export interface PmtLayout {
  readonly program: number;
  readonly version: number;
  readonly pcrPid: number;
  readonly streams: readonly { readonly pid: number; readonly streamType: number }[];
}

export function writePmt(layout: PmtLayout): Uint8Array {
  const content = [0xe0 | (layout.pcrPid >> 8), layout.pcrPid & 255, 0xf0, 0];
  for (const { pid, streamType } of layout.streams) {
    content.push(streamType, 0xe0 | (pid >> 8), pid & 255, 0xf0, 0);
  }
  return section(pmtTableId, layout.program, content, layout.version);
}

function section(tableId: number, extension: number, content: readonly number[], version = 0): Uint8Array {
  const bytes = new Uint8Array(headerBytes + content.length + crcBytes);
  const length = bytes.length - 3;
  bytes.set([
    tableId,
    0xb0 | (length >> 8),
    length & 255,
    extension >> 8,
    extension & 255,
    0xc1 | (version << 1),
    0,
    0,
  ]);
  bytes.set(content, headerBytes);
  new DataView(bytes.buffer).setUint32(bytes.length - crcBytes, crc32Mpeg(bytes.subarray(0, -crcBytes)));
  return bytes;
}
