import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { address } from './address.ts';
import { bad, good, type Parsed, type ValueType } from './value-type.ts';

/** First segments of addresses that are the server's own. */
const reservedFirst = [
  'api',
  'peer',
  'peers',
  'metrics',
  'healthz',
  'readyz',
  'dashboard',
  'assets',
  'favicon.ico',
  'robots.txt',
];
/** Last segments by which a stream is played: `cam/mpegts` would be two things. */
const reservedLast = ['mpegts', 'embed.html'];
const playbackFile = /\.(m3u8|mpd|m4s|mp4|ts|jpg)$/i;

/** Room in a file name (255) for what is put behind it. */
const longestStreamName = 200;
const streamNameRule = 'letters, digits, . _ - and / between them';

/** A stream's name: one or more URL path segments that are safe in paths of files, too. */
export const stream: ValueType<StreamName> = { label: 'NAME', unit: streamNameRule, parse: parseStreamName };

function parseStreamName(text: string): Parsed<StreamName> {
  if (text === '') return bad('is empty', streamNameRule);
  if (text.length > longestStreamName) return bad('is too long', `at most ${longestStreamName} characters`);
  if (!/^[A-Za-z0-9._/-]+$/.test(text)) return bad('is no name of a stream', streamNameRule);
  const segments = text.split('/');
  if (segments.includes('')) return bad('has an empty part', 'one / between two parts, none at either end');
  if (segments.some((segment) => segment.startsWith('.'))) return bad('has a part that begins with a dot');
  const [first = ''] = segments;
  if (reservedFirst.includes(first.toLowerCase()))
    return bad("begins with an address of the server's own", `not ${reservedFirst.join(', ')}`);
  const clash = segments.find((segment) => reservedLast.includes(segment) || playbackFile.test(segment));
  if (clash !== undefined)
    return bad('would clash with addresses for playing', 'not `mpegts`, nor a part that ends like a media file');
  return good(streamName(text));
}

/** A server's name is its identity and, unless `address` says otherwise, where it is. */
export const server: ValueType<ServerName> = {
  label: 'NAME',
  unit: 'a host name or IP address, with `:PORT` if need be',
  parse(text) {
    const parsed = address.parse(text);
    return parsed.ok ? good(serverName(text)) : parsed;
  },
};

/** The name of a template: a word. */
export const template: ValueType<string> = {
  label: 'NAME',
  parse(text) {
    return /^[A-Za-z0-9._-]{1,64}$/.test(text) ? good(text) : bad('is no name of a template', 'letters, digits, . _ -');
  },
};
