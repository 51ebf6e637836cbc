// RFC 8866 (SDP), RFC 2326 appendix C (its use in RTSP), RFC 6184 clause 8.2 and RFC 3640 clause 4.1 (format parameters).
import { parse } from 'sdp-transform';
import type { AacHeaderLengths } from '../rtp/aac-depacketizer.ts';

type SdpFormat =
  | {
      readonly kind: 'h264';
      /** Without start codes; empty when they come in band only. */
      readonly parameterSets: readonly Uint8Array[];
    }
  | { readonly kind: 'aac'; readonly config: Uint8Array; readonly lengths: AacHeaderLengths }
  | { readonly kind: 'unsupported'; readonly codec: string };

export interface SdpTrack {
  readonly format: SdpFormat;
  readonly payloadType: number;
  /** Ticks a second of its RTP timestamps. */
  readonly clockRate: number;
  /** As it is written; see `controlUrl`. */
  readonly control: string | undefined;
}

export interface SessionDescription {
  readonly control: string | undefined;
  /** In the order of the text, those that flow to the receiver. */
  readonly tracks: readonly SdpTrack[];
}

/** `undefined` when the text is no SDP. */
export function parseSdp(text: string): SessionDescription | undefined {
  if (!/^v=0/m.test(text)) return undefined;
  const sdp = parse(text);
  return { control: attribute(sdp), tracks: sdp.media.filter(flowsHere).map(readTrack) };
}

type Media = ReturnType<typeof parse>['media'][number];

/** A back channel, for speaking to the camera. */
function flowsHere(media: Media): boolean {
  return media.direction !== 'sendonly';
}

/** The parser turns what looks like a number into one, also where it is a name. */
function attribute(section: object): string | undefined {
  return 'control' in section && section.control !== undefined ? String(section.control) : undefined;
}

function readTrack(media: Media): SdpTrack {
  const [rtpmap] = media.rtp ?? [];
  const payloadType = rtpmap?.payload ?? Number.parseInt(String(media.payloads ?? ''), 10);
  const codec = String(rtpmap?.codec ?? staticCodecs[payloadType] ?? media.type);
  const format = media.fmtp?.find((line) => line.payload === payloadType)?.config;
  const control = attribute(media);
  return {
    format: readFormat(codec, formatParameters(String(format ?? ''))),
    payloadType,
    clockRate: rtpmap?.rate ?? 90_000,
    control,
  };
}

function readFormat(codec: string, parameters: ReadonlyMap<string, string>): SdpFormat {
  if (/^h264$/i.test(codec)) return { kind: 'h264', parameterSets: parameterSets(parameters) };
  if (/^mpeg4-generic$/i.test(codec)) return readAac(parameters) ?? { kind: 'unsupported', codec };
  return { kind: 'unsupported', codec };
}

function parameterSets(parameters: ReadonlyMap<string, string>): Uint8Array[] {
  const sets = (parameters.get('sprop-parameter-sets') ?? '').split(',');
  return sets.flatMap((text) => fromBase64(text) ?? []);
}

function readAac(parameters: ReadonlyMap<string, string>): SdpFormat | undefined {
  const config = fromHex(parameters.get('config') ?? '');
  if (config === undefined) return undefined;
  const isLow = /lbr/i.test(parameters.get('mode') ?? '');
  const length = (name: string, usual: number): number => {
    const value = Number.parseInt(parameters.get(name) ?? '', 10);
    return value >= 0 && value <= 32 ? value : usual;
  };
  const lengths = {
    size: length('sizelength', isLow ? 6 : 13),
    index: length('indexlength', isLow ? 2 : 3),
    indexDelta: length('indexdeltalength', isLow ? 2 : 3),
  };
  return lengths.size === 0 ? undefined : { kind: 'aac', config, lengths };
}

/** RFC 3551 table 4 and 5: what devices send without a name. */
const staticCodecs: Readonly<Record<number, string>> = {
  0: 'PCMU',
  8: 'PCMA',
  14: 'MPA',
  26: 'JPEG',
  32: 'MPV',
  33: 'MP2T',
};

/** Names in lower case, for devices differ. */
function formatParameters(config: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of config.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) parameters.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  return parameters;
}

function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(text) || text.replace(/=*$/, '').length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replace(/=*$/, '')), (char) => char.charCodeAt(0));
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2}){2,64}$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * Where a track (or the session) is controlled. Relative ones are appended, not resolved: so do the servers, whose URLs carry queries
 * that a track's name stands behind.
 */
export function controlUrl(base: string, control: string | undefined): string {
  if (control === undefined || control === '*' || control === '') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return base.endsWith('/') || control.startsWith('/') ? `${base}${control}` : `${base}/${control}`;
}
