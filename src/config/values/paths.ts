import { namePlaceholder } from '../model/fill-name.ts';
import { hasNoValidPort, portRule } from './address.ts';
import { bad, good, type ValueType } from './value-type.ts';

const longestPath = 1024;

/** A path on the server's disk; `${name}` stands for the server's name, made safe for files. */
export const path: ValueType<string> = {
  label: 'PATH',
  unit: `may hold \`${namePlaceholder}\`, the name of the server, made safe for files`,
  parse(text) {
    if (text === '') return bad('is empty');
    if (text.length > longestPath) return bad('is too long', `at most ${longestPath} characters`);
    if (/\p{Cc}/u.test(text)) return bad('has a control character');
    if (text.startsWith('~')) return bad('begins with ~, which only shells understand', 'write the whole path');
    if (text.replaceAll(namePlaceholder, '').includes('${'))
      return bad('has an unknown placeholder', `only \`${namePlaceholder}\` is known`);
    return good(text);
  },
};

/** A file to include, or a pattern with `*` and `?`. */
export const includePath: ValueType<string> = {
  label: 'FILE',
  unit: 'relative to the file it stands in; `*` and `?` stand for any characters and any one, but not `/`',
  parse(text) {
    if (text === '') return bad('is empty');
    if (text.length > longestPath) return bad('is too long', `at most ${longestPath} characters`);
    return /\p{Cc}/u.test(text) ? bad('has a control character') : good(text);
  },
};

/** What viewers are sent to: `http(s)://HOST[:PORT][/PATH]`, kept without a slash at the end. */
export const publicUrl: ValueType<string> = {
  label: 'URL',
  unit: 'http:// or https://, without user, query or fragment',
  parse(text) {
    if (hasNoValidPort(text)) return bad('has no valid port', portRule);
    if (!/^https?:\/\/[^/]/i.test(text) || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) {
      return bad('is no public URL', 'write http://HOST:PORT or https://HOST');
    }
    const url = new URL(text);
    if (url.username !== '' || url.password !== '') return bad('has a user or password', 'viewers would see them');
    if (/[?#]/.test(text)) return bad('has a query or fragment', 'write http://HOST:PORT or https://HOST');
    return good(text.replace(/\/+$/, ''));
  },
};
