/** What an argument or option holds: how documents call it, and how its text is read. */
export interface ValueType<T> {
  /** In documents and messages: `DURATION`. */
  readonly label: string;
  /** What the reference says of unit and range; absent where the label says all. */
  readonly unit?: string | undefined;
  readonly parse: (text: string) => Parsed<T>;
  /** An argument that may be left out, also when another one follows: that one must not take its texts. */
  readonly optional?: true;
}

/** The argument may be left out; absent it is undefined. */
export function optional<T>(type: ValueType<T>): ValueType<T | undefined> {
  return { ...type, optional: true };
}

/** `problem` continues a sentence that begins with the offending text and never repeats that text. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly hint: string | undefined };

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function bad(problem: string, hint?: string): { readonly ok: false; problem: string; hint: string | undefined } {
  return { ok: false, problem, hint };
}
