/** One configuration file that was read. */
export interface SourceText {
  /** As it is shown: the path that was given, or that an `include` led to. */
  readonly file: string;
  readonly text: string;
}

/** A piece of one line of a file. Lines and columns count from 1, in UTF-16 units as editors do. */
export interface Span {
  readonly source: SourceText;
  readonly line: number;
  readonly column: number;
  /** Index of its first character in the text. */
  readonly offset: number;
  readonly length: number;
}

/** `line 7`, or with its file when that is another one than that of `seenFrom`. */
export function whereIs(span: Span, seenFrom: Span): string {
  return span.source === seenFrom.source ? `line ${span.line}` : `${span.source.file}:${span.line}`;
}

/** Where a finding about a whole file is shown. */
export function startOf(source: SourceText): Span {
  return { source, line: 1, column: 1, offset: 0, length: 1 };
}
