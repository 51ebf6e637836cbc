import type { UnixMicros } from '../../units/time.ts';

interface Span {
  readonly from: UnixMicros;
  readonly to: UnixMicros;
}

/** A hole is told within a minute or so of its standstill; a machine that stands still more often than this has its cause in every one. */
const mostKept = 16;

/** When this process did nothing: what is missing of that time is not its sources' fault, though they look silent behind it. */
export class Standstills {
  readonly #spans: Span[] = [];

  add(span: Span): void {
    this.#spans.push(span);
    if (this.#spans.length > mostKept) this.#spans.shift();
  }

  /** Whether at least half of that time was spent standing still. */
  explain({ from, to }: Span): boolean {
    const stood = this.#spans.map((span) => Math.min(span.to, to) - Math.max(span.from, from));
    return stood.reduce((sum, part) => sum + Math.max(0, part), 0) * 2 >= to - from;
  }
}
