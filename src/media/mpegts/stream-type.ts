// ISO/IEC 13818-1 table 2-34 (stream_type), ETSI EN 300 468 (descriptors of private data), SMPTE RA registered formats.
import type { Descriptor, PmtStream } from './psi.ts';

/** stream_type of what this server carries, as it writes it. */
export const streamTypes = { aac: 0x0f, h264: 0x1b } as const;

/** What an elementary stream holds. The one place to change when another codec can be carried. */
export type StreamKind =
  | { readonly kind: 'h264' }
  | { readonly kind: 'aac' }
  | { readonly kind: 'unsupported'; readonly codec: string };

const names: ReadonlyMap<number, string> = new Map([
  [0x01, 'MPEG-1 video'],
  [0x02, 'MPEG-2 video'],
  [0x03, 'MP2 (MPEG-1 audio)'],
  [0x04, 'MP2 (MPEG-2 audio)'],
  [0x05, 'private sections'],
  [0x06, 'private data'],
  [0x10, 'MPEG-4 part 2 video'],
  [0x11, 'AAC (LATM)'],
  [0x15, 'metadata'],
  [0x1c, 'MPEG-4 audio'],
  [0x20, 'MVC video'],
  [0x21, 'JPEG 2000'],
  [0x24, 'H.265'],
  [0x33, 'H.266'],
  [0x42, 'AVS video'],
  [0x80, 'private data'],
  [0x81, 'AC-3'],
  [0x82, 'DTS'],
  [0x83, 'TrueHD'],
  [0x86, 'SCTE-35'],
  [0x87, 'E-AC-3'],
  [0xd1, 'Dirac'],
  [0xea, 'VC-1'],
]);

const registrations: ReadonlyMap<string, string> = new Map([
  ['AC-3', 'AC-3'],
  ['EAC3', 'E-AC-3'],
  ['AC-4', 'AC-4'],
  ['HEVC', 'H.265'],
  ['VVC ', 'H.266'],
  ['AV01', 'AV1'],
  ['Opus', 'Opus'],
  ['BSSD', 'SMPTE 302M audio'],
  ['KLVA', 'KLV metadata'],
  ['ID3 ', 'ID3 metadata'],
  ['VC-1', 'VC-1'],
  ['drac', 'Dirac'],
  ['DTS1', 'DTS'],
  ['DTS2', 'DTS'],
  ['DTS3', 'DTS'],
  ['CUEI', 'SCTE-35'],
]);

const registrationTag = 0x05;
const dvbNames: ReadonlyMap<number, string> = new Map([
  [0x56, 'teletext'],
  [0x59, 'DVB subtitles'],
  [0x6a, 'AC-3'],
  [0x7a, 'E-AC-3'],
  [0x7b, 'DTS'],
  [0x7c, 'AAC (LATM)'],
]);

export function streamKind(stream: PmtStream): StreamKind {
  switch (stream.streamType) {
    case streamTypes.h264:
      return { kind: 'h264' };
    case streamTypes.aac:
      return { kind: 'aac' };
    default:
      return { kind: 'unsupported', codec: unsupportedName(stream) };
  }
}

function unsupportedName(stream: PmtStream): string {
  const named = names.get(stream.streamType);
  // Only what leaves the meaning to descriptors is named by them: others carry them for other ends.
  if (named === undefined || named === 'private data') {
    for (const descriptor of stream.descriptors) {
      const name = describedName(descriptor);
      if (name !== undefined) return name;
    }
  }
  return named ?? `stream type 0x${stream.streamType.toString(16).padStart(2, '0')}`;
}

function describedName({ tag, data }: Descriptor): string | undefined {
  if (tag !== registrationTag) return dvbNames.get(tag);
  const format = String.fromCharCode(...data.subarray(0, 4));
  return registrations.get(format);
}
