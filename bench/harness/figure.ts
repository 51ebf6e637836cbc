/** One measured number. Benches print them as JSON lines; `main.ts` gathers them into the table. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What docs/performance.md promises of it, where it promises something. */
  readonly promise?: Promised;
  /** What the number is worth, in few words. */
  readonly note?: string;
}

export interface Promised {
  readonly kind: 'at most' | 'at least';
  readonly bound: number;
}

export const atMost = (bound: number): Promised => ({ kind: 'at most', bound });

export function isKept({ value, promise }: Figure): boolean {
  if (promise === undefined) return true;
  return promise.kind === 'at most' ? value <= promise.bound : value >= promise.bound;
}

/** Undefined when the line is something else. */
export function parseFigure(line: string): Figure | undefined {
  if (!line.startsWith('{"bench":')) return undefined;
  return JSON.parse(line) as Figure;
}

/** Rows of a table for people; columns as wide as they need to be. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((one) => [one.bench, one.figure, number(one.value), one.unit, verdict(one), one.note ?? '']);
  const all = [['bench', 'figure', 'measured', 'unit', 'promise', ''], ...rows];
  const widths = all.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

function verdict(figure: Figure): string {
  if (figure.promise === undefined) return '';
  const { kind, bound } = figure.promise;
  return `${kind === 'at most' ? '≤' : '≥'} ${number(bound)} ${isKept(figure) ? 'kept' : 'MISSED'}`;
}

/** Three digits tell more than these measurements know. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0 || Math.abs(value) >= 100) return value.toFixed(0);
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
