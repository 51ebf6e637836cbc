/** What is read is not what it should be. Thrown by the readers of this file, caught by `parsed`. */
class Malformed extends Error {}

/** An object of parsed JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** Names, codecs, errors: what a peer says at greater length is not meant to be read. */
const longestText = 4_096;

/** What `read` makes of it, or undefined when a reader found it malformed. */
export function parsed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

export function malformed(): never {
  throw new Malformed();
}

export function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) malformed();
  return value as Fields;
}

export function list<T>(value: unknown, most: number, read: (one: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > most) malformed();
  return value.map(read);
}

/** JSON has no undefined; null is how some writers say it. */
export function optional<T>(value: unknown, read: (one: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

export function text(value: unknown, longest = longestText): string {
  if (typeof value !== 'string' || value.length > longest) malformed();
  return value;
}

/** An integer from 0 on; `+ 0` makes a 0 of -0, which JSON can say and nobody means. */
export function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) malformed();
  return value + 0;
}

/** A finite number from 0 on. */
export function amount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) malformed();
  return value + 0;
}
