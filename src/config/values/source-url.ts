import { nearest } from '../../units/nearest.ts';
import type { SourceConfig } from '../model/config.ts';
import { namePlaceholder } from '../model/fill-name.ts';
import { hasNoValidPort, portRule } from './address.ts';
import { bad, good, type Parsed, type ValueType } from './value-type.ts';

/** What this version reads, by URL scheme. Another protocol begins with a line here and an adapter in `adapters/ingest/`. */
const protocols: Readonly<Record<string, SourceConfig['protocol']>> = {
  rtsp: 'rtsp',
  http: 'mpegts-http',
  https: 'mpegts-http',
  file: 'file',
};

/** Known words that a later version will read: told apart from slips of the pen. */
const laterSchemes = ['rtsps', 'udp', 'rtp', 'srt', 'rtmp', 'rtmps', 'publish', 'hls', 'tshttp'];

const longestUrl = 4096;
const schemes = Object.keys(protocols);
const forms = 'write rtsp://HOST/PATH, http://HOST/PATH (MPEG-TS) or file:///PATH';

/** The URL of a source. It may hold credentials: what is said about it never does. */
export const sourceUrl: ValueType<SourceConfig> = { label: 'URL', parse: parseSourceUrl };

function parseSourceUrl(text: string): Parsed<SourceConfig> {
  if (text.length > longestUrl) return bad('is too long for a URL', `at most ${longestUrl} characters`);
  if (/^(\.{2,}|…)$/.test(text)) return bad('stands for a URL that is still to be filled in', forms);
  if (text.includes('${'))
    return bad('has a placeholder', `\`${namePlaceholder}\` stands in paths of files, not in URLs`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return bad('is no URL', forms);
  const protocol = protocols[scheme];
  if (protocol === undefined) return unknownScheme(scheme);
  if (/[\s\p{Cc}]/u.test(text)) return bad('has a blank or control character', 'write %20 for a blank');
  if (hasNoValidPort(text)) return bad('has no valid port', portRule);
  if (!URL.canParse(text))
    return bad('is no valid URL', 'write %2F, %3F, %23, %40 or %3A for / ? # @ : in a user name or password');
  const url = new URL(text);
  return protocol === 'file' ? fileUrl(url, text) : networkUrl(url, text, protocol);
}

function unknownScheme(scheme: string): Parsed<SourceConfig> {
  if (laterSchemes.includes(scheme)) return bad(`can't be read yet: this version has no ${scheme}://`, forms);
  const near = nearest(scheme, schemes);
  return bad('has a scheme that is not known', near === undefined ? forms : `did you mean ${near}://?`);
}

function fileUrl(url: URL, text: string): Parsed<SourceConfig> {
  if (url.hostname !== '' && url.hostname !== 'localhost')
    return bad('names a host', 'a file needs three slashes: file:///PATH');
  if (url.pathname.endsWith('/')) return bad('names no file', 'write file:///PATH');
  return good({ url: text, protocol: 'file' });
}

function networkUrl(url: URL, text: string, protocol: SourceConfig['protocol']): Parsed<SourceConfig> {
  if (url.hostname === '') return bad('names no host', forms);
  if (url.username === '' && url.port !== '' && url.pathname.includes('@')) {
    return bad('has an @ behind its first /', 'write %2F for / in a password, or %40 for @ in a path');
  }
  if (protocol === 'mpegts-http' && /\.(m3u8|mpd)$/i.test(url.pathname)) {
    return bad(
      "can't be read yet: this version has no HLS or DASH input",
      'give the MPEG-TS or RTSP address of the source',
    );
  }
  return good({ url: text, protocol });
}
