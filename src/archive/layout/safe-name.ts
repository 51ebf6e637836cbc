// Names as parts of paths: what is not in [A-Za-z0-9._-] becomes the %XX of its bytes in UTF-8, a leading dot too, so that no name leaves
// its folder or hides in it, and every name can be read back.

const plain = /[A-Za-z0-9._-]/;
const wholly = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const triplet = /%([0-9A-F]{2})/g;

/** One part of a path for a name, different for different names. Lone surrogates, which no name has, are not told apart. */
export function safeName(name: string): string {
  if (wholly.test(name)) return name;
  const escaped = [...name].map((character) => (plain.test(character) ? character : percents(character))).join('');
  return escaped.startsWith('.') ? `%2E${escaped.slice(1)}` : escaped;
}

/** The name behind a part of a path; undefined for what `safeName` never makes. */
export function readSafeName(text: string): string | undefined {
  const name = unescaped(text);
  return name !== undefined && name !== '' && safeName(name) === text ? name : undefined;
}

/** As `safeName`, and without a dash: one of several names in one part, between dashes. */
export function dashlessName(name: string): string {
  return safeName(name).replaceAll('-', '%2D');
}

export function readDashlessName(text: string): string | undefined {
  const name = unescaped(text);
  return name !== undefined && name !== '' && dashlessName(name) === text ? name : undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function percents(text: string): string {
  return [...encoder.encode(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function unescaped(text: string): string | undefined {
  if (wholly.test(text)) return text;
  const bytes: number[] = [];
  let at = 0;
  for (const match of text.matchAll(triplet)) {
    bytes.push(...encoder.encode(text.slice(at, match.index)), Number.parseInt(match[1] ?? '', 16));
    at = match.index + match[0].length;
  }
  bytes.push(...encoder.encode(text.slice(at)));
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
