import { bad, good, type Parsed, type ValueType } from './value-type.ts';

/** Where a server is reached: the port is absent when the text names none. */
export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT`. */
export const address: ValueType<Address> = { label: 'HOST[:PORT]', parse: parseAddress };

/** `PORT`, `HOST:PORT`, `[IPv6]:PORT`. */
export const listen: ValueType<{ readonly host: string | undefined; readonly port: number }> = {
  label: '[HOST:]PORT',
  unit: 'a port, 1 to 65535',
  parse(text) {
    if (/^\d+$/.test(text)) {
      const port = portOf(text);
      return port === undefined ? noPort : good({ host: undefined, port });
    }
    const parsed = parseAddress(text);
    if (!parsed.ok) return parsed;
    const { host, port } = parsed.value;
    return port === undefined
      ? bad('names no port', 'write PORT or HOST:PORT, such as 8080 or 10.0.0.1:8080')
      : good({ host, port });
  },
};

/** As sockets want it: without the brackets of IPv6, in small letters. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}

export const portRule = 'a port is a number from 1 to 65535';
const noPort = bad('is no port', portRule);
const noHost = bad(
  'is no host',
  'write a host name or an IP address, an IPv6 address in brackets, and `:PORT` if need be',
);

function parseAddress(text: string): Parsed<Address> {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(text);
  if (match === null) return noHost;
  const [, host = '', portText] = match;
  if (!isHost(host)) return noHost;
  if (portText === undefined) return good({ host, port: undefined });
  const port = portOf(portText);
  return port === undefined ? bad('has no valid port', noPort.hint) : good({ host, port });
}

/** A DNS name (underscores tolerated, as in container names), an IPv4 address, or an IPv6 address in brackets. */
function isHost(host: string): boolean {
  if (host.startsWith('[')) return URL.canParse(`http://${host}/`);
  if (host.length > 253) return false;
  if (/^[\d.]+$/.test(host)) return isIpv4(host);
  return host.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
}

function isIpv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** A URL that is none for its port, which no URL may have. A number before an `@` is a password. */
export function hasNoValidPort(url: string): boolean {
  const digits = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(url)?.[1];
  return digits !== undefined && portOf(digits) === undefined;
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
