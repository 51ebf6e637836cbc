import type { Excerpt } from '../model/config.ts';
import type { Token } from './lexer.ts';
import { shownText } from './secret-text.ts';
import type { Span } from './source-text.ts';

/** How many characters of a line are shown on either side of what is underlined. */
const context = 100;

/** The line of the span rebuilt from its tokens: comments are left out, hidden words become `…`, URLs lose their credentials. */
export function excerptOf(span: Span, tokens: readonly Token[], shown: (token: Token) => boolean): Excerpt | undefined {
  const near = tokensAround(span, tokens);
  const [first] = near;
  if (first === undefined) return undefined;
  const { text } = span.source;
  const indent = text.slice(first.offset - first.column + 1, first.offset);
  let line = indent.trim() === '' ? indent : '… ';
  let from: number | undefined;
  let to = 0;
  let end = first.offset;
  for (const token of near) {
    const start = Math.max(token.offset, span.offset);
    const stop = Math.min(token.offset + token.length, span.offset + span.length);
    // Several hidden words become one mark, unless one of them is what is underlined.
    if (!shown(token) && start >= stop && line.endsWith('…')) {
      end = token.offset + token.length;
      continue;
    }
    line += text.slice(end, token.offset);
    end = token.offset + token.length;
    const raw = text.slice(token.offset, end);
    const visible = shown(token) ? shownText(raw) : '…';
    if (start < stop) {
      // A part of a word can be underlined by itself only if the word is shown as it is.
      const asItIs = visible === raw;
      from ??= line.length + (asItIs ? start - token.offset : 0);
      to = line.length + (asItIs ? stop - token.offset : visible.length);
    }
    line += visible;
  }
  return from === undefined ? undefined : { text: line, column: from + 1, length: to - from };
}

/** The tokens of the span's line that are not too far from it: a line may be a whole file long. */
function tokensAround(span: Span, tokens: readonly Token[]): readonly Token[] {
  const middle = indexAt(span.offset, tokens);
  const isNear = (token: Token | undefined): boolean =>
    token?.line === span.line &&
    token.offset + token.length > span.offset - context &&
    token.offset < span.offset + span.length + context;
  let from = middle;
  while (isNear(tokens[from - 1])) from -= 1;
  let to = middle;
  while (isNear(tokens[to])) to += 1;
  return tokens.slice(from, to);
}

/** Index of the first token at or behind the offset. */
function indexAt(offset: number, tokens: readonly Token[]): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
