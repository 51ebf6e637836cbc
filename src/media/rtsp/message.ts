// RFC 2326: Real Time Streaming Protocol, clauses 4 to 7 (messages) and 10.12 (embedded binary data).

/** Names of headers are in lower case; a header that comes several times has several values. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export type RtspMessage = RtspRequest | RtspResponse;

export const noBody = new Uint8Array();

/** A header's first value. */
export function header(message: RtspMessage, name: string): string | undefined {
  return message.headers.get(name)?.[0];
}

export function headersOf(entries: Readonly<Record<string, string | readonly string[] | undefined>>): Headers {
  const headers = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(entries)) {
    if (value !== undefined) headers.set(name.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return headers;
}

/** The message's bytes. `Content-Length` is written by the body, whatever the headers say. */
export function serializeMessage(message: RtspMessage): Uint8Array {
  const first =
    message.kind === 'request'
      ? `${message.method} ${message.uri} RTSP/1.0`
      : `RTSP/1.0 ${message.status} ${message.reason}`;
  const lines = [first];
  for (const [name, values] of message.headers) {
    if (name === 'content-length') continue;
    for (const value of values) lines.push(`${canonicalName(name)}: ${value}`);
  }
  if (message.body.length > 0) lines.push(`Content-Length: ${message.body.length}`);
  const head = new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + message.body.length);
  bytes.set(head);
  bytes.set(message.body, head.length);
  return bytes;
}

const exceptions: Readonly<Record<string, string>> = {
  cseq: 'CSeq',
  'rtp-info': 'RTP-Info',
  'www-authenticate': 'WWW-Authenticate',
};

/** Names don't depend on case, but devices that compare letters exist. */
function canonicalName(name: string): string {
  return (
    exceptions[name] ?? name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
  );
}

export const interleavedMagic = 0x24;
export const interleavedHeaderBytes = 4;

/** RFC 2326 clause 10.12: `$`, the channel, the length of what follows. */
export function writeInterleavedHeader(out: Uint8Array, at: number, channel: number, length: number): void {
  out[at] = interleavedMagic;
  out[at + 1] = channel;
  out[at + 2] = length >> 8;
  out[at + 3] = length & 0xff;
}
