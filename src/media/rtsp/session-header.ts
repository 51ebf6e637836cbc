// RFC 2326 clauses 12.37 (Session) and 12.39 (Transport).

/** `id;timeout=seconds`. */
export function parseSession(value: string | undefined): {
  readonly id: string | undefined;
  readonly timeoutSeconds: number | undefined;
} {
  const [id = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim());
  const timeout = parameters.map((part) => /^timeout\s*=\s*"?(\d{1,6})/i.exec(part)?.[1]).find(Boolean);
  const timeoutSeconds = Number(timeout ?? 0);
  return { id: id === '' ? undefined : id, timeoutSeconds: timeoutSeconds > 0 ? timeoutSeconds : undefined };
}

/** The channel on which the server will send a track's packets; its reports come on the next one. */
export function parseTransportChannel(value: string | undefined): number | undefined {
  const channel = Number(/interleaved\s*=\s*(\d{1,3})/i.exec(value ?? '')?.[1] ?? Number.NaN);
  return channel <= 254 ? channel : undefined;
}
