const decoder = new TextDecoder();

/** What a peer sent, as parsed JSON that nobody has checked yet; undefined when it is none. */
export function jsonBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
