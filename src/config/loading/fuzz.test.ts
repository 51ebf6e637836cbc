import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directiveNames } from '../language/lookup.ts';
import type { Diagnostic } from '../model/config.ts';
import { renderDiagnostic } from '../syntax/render-diagnostic.ts';
import { parseConfig } from './load.ts';

const words = fc.constantFrom(
  ...directiveNames(),
  's01',
  's02:81',
  'cam',
  'rtsp://u:p@h/x',
  'capture_at=s01',
  'handover=break',
  '3',
  '10s',
  '-1',
  'x y',
);
const marks = fc.constantFrom(';', ';', ';\n', '{', '}', ' ', '\n', '"', '#', '\t', '\\', '\u{0}', '\u{1f600}');
const program = fc
  .array(
    fc.oneof(
      words.map((word) => `${word} `),
      marks,
    ),
    { maxLength: 120 },
  )
  .map((pieces) => pieces.join(''));

function expectInside(text: string, { line, column, length, excerpt }: Diagnostic): void {
  const shown = text.split('\n')[line - 1];
  expect(shown).toBeDefined();
  expect(column).toBeGreaterThanOrEqual(1);
  expect(length).toBeGreaterThanOrEqual(1);
  expect(column - 1 + length).toBeLessThanOrEqual(shown?.length ?? 0);
  expect(excerpt).toBeDefined();
  expect((excerpt?.column ?? 0) - 1 + (excerpt?.length ?? 0)).toBeLessThanOrEqual(excerpt?.text.length ?? 0);
}

describe('any text', () => {
  test.each([
    ['words of the language', program],
    ['characters', fc.string({ maxLength: 300, unit: 'binary' })],
  ])('of %s has diagnostics inside it, or a configuration', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const { config, diagnostics } = parseConfig(text, 'f');
        for (const diagnostic of diagnostics) {
          expectInside(text, diagnostic);
          renderDiagnostic(diagnostic);
        }
        expect(config === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 500 },
    );
  });

  // Quadratic work on these would take minutes.
  test.each([
    ['nested blocks', 'a {'.repeat(100_000)],
    ['nested blocks on lines', 'stream a {\n'.repeat(100_000)],
    ['unknown directives', 'clster_ingest;'.repeat(100_000)],
    ['one directive without end', `url ${'x '.repeat(200_000)}`],
    ['one word', 'x'.repeat(500_000)],
    ['closing braces', '}'.repeat(200_000)],
    ['quotes', '"'.repeat(200_000)],
    ['placeholders', '${'.repeat(100_000)],
    ['streams without a source', Array.from({ length: 50_000 }, (_, i) => `stream s${i} { }`).join('')],
    ['options', `stream a { cluster_ingest ${Array.from({ length: 50_000 }, (_, i) => `o${i}=1`).join(' ')}; }`],
    ['at signs', `stream a { url rtsp://${'@'.repeat(100_000)}; }`],
    ['colons', `stream a { url rtsp://${':'.repeat(100_000)}; }`],
    ['spaces', `a${' '.repeat(1_000_000)}b`],
  ])('of many %s is read to its end', (_, text) => {
    const { diagnostics } = parseConfig(text, 'f');
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.length).toBeLessThanOrEqual(500);
  });

  test('of the size of the largest group is read at once', () => {
    const streams = Array.from(
      { length: 5000 },
      (_, i) => `stream cam${i} { url rtsp://10.0.0.5/${i}; cluster_ingest; }`,
    );
    const { config, diagnostics } = parseConfig(streams.join('\n'), 'f');
    expect(diagnostics).toEqual([]);
    expect(config?.streams).toHaveLength(5000);
  });

  test('with more warnings than are kept still tells its error', () => {
    const { config, diagnostics } = parseConfig(`stream a { url rtsp://h/x; ${'serve a;\n'.repeat(1000)} htpp; }`, 'f');
    expect(config).toBeUndefined();
    expect(diagnostics).toHaveLength(500);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  });
});
