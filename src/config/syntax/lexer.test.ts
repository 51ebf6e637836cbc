import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenize } from './lexer.ts';

/** Words by their value, marks by their character. */
function seen(text: string): string[] {
  return tokenize({ file: 'a', text }).map((token) => (token.kind === 'word' ? `<${token.value}>` : token.kind));
}

describe('tokenize', () => {
  test.each([
    ['', []],
    ['http 8080;', ['<http>', '<8080>', ';']],
    ['peer s01{a 1;}', ['<peer>', '<s01>', '{', '<a>', '<1>', ';', '}']],
    ['a # to the end; { }\nb', ['<a>', '<b>']],
    ['url rtsp://h/a#b;', ['<url>', '<rtsp://h/a#b>', ';']],
    ['"a b" "c;d{e}f#g"', ['<a b>', '<c;d{e}f#g>']],
    [String.raw`"a\"b\\c\d"`, [String.raw`<a"b\c\d>`]],
    ['key="a b"c', ['<key=a bc>']],
    ['""', ['<>']],
    [`state_dir ./s/\${name}/x;`, ['<state_dir>', `<./s/\${name}/x>`, ';']],
    [`"/a b/\${name}" {`, [`</a b/\${name}>`, '{']],
    [`a\${name`, ['<a$>', '{', '<name>']],
    [`\${a b}`, ['<$>', '{', '<a>', '<b>', '}']],
    ['\u{feff}a\u00a0b\r\nc', ['<a>', '<b>', '<c>']],
    ['"open\nnext', ['<open>', '<next>']],
    ['a;;}', ['<a>', ';', ';', '}']],
  ])('%j', (text, tokens) => {
    expect(seen(text)).toEqual(tokens);
  });

  test('tells where a word stands and what of it was quoted', () => {
    expect(tokenize({ file: 'a', text: 'x;\n\tk="v w" "z' })).toMatchObject([
      { line: 1, column: 1, length: 1, firstOnLine: true },
      { kind: ';' },
      { line: 2, column: 2, offset: 4, length: 7, value: 'k=v w', bare: 2, open: false, firstOnLine: true },
      { line: 2, column: 10, length: 2, value: 'z', bare: 0, open: true, firstOnLine: false },
    ]);
  });

  test('never throws; tokens stand in order inside the text, and only blanks and comments between them', () => {
    const alphabet = fc.constantFrom(...'ab=/"\\\n\t #;{}$\u00a0é', `\${name}`, 'stream ');
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 200 }), (pieces) => {
        const text = pieces.join('');
        let end = 0;
        for (const token of tokenize({ file: 'a', text })) {
          expect(text.slice(end, token.offset)).toMatch(/^\s*(#[^\n]*\n\s*)*$/);
          expect(token.length).toBeGreaterThan(0);
          const before = text.slice(0, token.offset).split('\n');
          expect([token.line, token.column]).toEqual([before.length, (before.at(-1) ?? '').length + 1]);
          expect(text.slice(token.offset, token.offset + token.length)).not.toContain('\n');
          end = token.offset + token.length;
        }
        expect(text.slice(end)).toMatch(/^\s*(#[^\n]*(\n|$)\s*)*$/);
      }),
    );
  });
});
