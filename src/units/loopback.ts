/** Whether the host, bare and in small letters, is this machine itself whoever asks: `127.0.0.0/8` (also mapped into IPv6), `::1` or `localhost`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}
