// RFC 2326 clauses 4.4, 6.1 and 7.1, RFC 822 for the headers: the text in front of a message's body.
import type { Headers, RtspRequest, RtspResponse } from './message.ts';

export type RtspHead = Omit<RtspRequest, 'body'> | Omit<RtspResponse, 'body'>;

/** Longest method there is has 13 letters; a version's name has 4. */
const longestToken = 20;
/** URLs of channels carry tokens; a start line that is longer is something else. */
const longestStartLine = 4096;
const space = 32;
const slash = 47;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * Whether `bytes[from, to)` begin with a start line: `no` as soon as they can't, `more` while they still could. The answer depends on
 * the bytes alone, not on how they were portioned.
 */
export function beginsHead(bytes: Uint8Array, from: number, to: number): 'yes' | 'no' | 'more' {
  let at = from;
  while (at < to && isTokenByte(bytes[at] ?? 0)) at++;
  if (at - from > longestToken) return 'no';
  if (at === to) return 'more';
  if (at === from || (bytes[at] !== space && bytes[at] !== slash)) return 'no';
  const limit = Math.min(to, from + longestStartLine);
  while (at < limit && isTextByte(bytes[at] ?? 0)) at++;
  if (at === to) return 'more';
  if (at === limit || bytes[at] !== lineFeed) return 'no';
  return startLinePattern.test(decode(bytes, from, at)) ? 'yes' : 'no';
}

const startLinePattern = /^(?:RTSP\/\d\.\d (\d{3})(?: ([^\r]*))?|([A-Z_]+) (\S+) RTSP\/\d\.\d)\r?$/;

/** Where the body begins: behind the first empty line. -1 when there is none before `to`. */
export function findHeadEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at < to; at = bytes.indexOf(lineFeed, at + 1)) {
    if (at + 1 < to && bytes[at + 1] === lineFeed) return at + 2;
    if (at + 2 < to && bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/** Lines that are no header are passed over: devices write the strangest things there, and nothing depends on them. */
export function parseHead(bytes: Uint8Array, from: number, to: number): RtspHead | undefined {
  const [startLine = '', ...lines] = decode(bytes, from, to).split('\n');
  const [, status, reason, method, uri] = startLinePattern.exec(startLine) ?? [];
  const headers = parseHeaders(lines);
  if (status !== undefined) return { kind: 'response', status: Number(status), reason: reason ?? '', headers };
  if (method !== undefined && uri !== undefined) return { kind: 'request', method, uri, headers };
  return undefined;
}

/** Not a number, or none: no body. */
export function contentLength(headers: Headers): number {
  const value = headers.get('content-length')?.[0] ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
}

function parseHeaders(lines: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}

function isTokenByte(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || byte === 95;
}

function isTextByte(byte: number): boolean {
  return byte >= space || byte === carriageReturn || byte === 9;
}

function decode(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder().decode(bytes.subarray(from, to));
}
