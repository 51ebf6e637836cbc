import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Directive } from '../language/directive.ts';
import { directives } from '../language/directives.ts';
import { parseConfig } from '../loading/load.ts';
import { directiveList, helpOn } from './help-text.ts';
import { referencePage } from './reference-page.ts';
import { sampleFile } from './sample-file.ts';
import { wrap } from './wrap.ts';

const table: readonly (readonly [string, Directive])[] = Object.entries(directives);
const docs = new URL('../../../docs/', import.meta.url);

/** A file in which the example of the directive stands where it may. */
function fileWith(line: Directive): string {
  const [place] = line.places;
  const group = 'cluster_key MYSECRET; peer s01.myhosting.com; peer s02.myhosting.com;';
  if (line === directives.clusterKey) return line.example;
  if (line === directives.peer) return `cluster_key MYSECRET; ${line.example}`;
  if (place === 'file') return `${group} ${line.example}`;
  if (place === 'peer') return `cluster_key MYSECRET; edit_auth a b; peer s01.myhosting.com { ${line.example} }`;
  const url = line === directives.url ? '' : 'url rtsp://10.0.0.5/main;';
  const ingest = line === directives.clusterIngest ? '' : 'cluster_ingest;';
  return `${group} template cameras { source_timeout 3; } stream cam01 { ${url} ${ingest} ${line.example} }`;
}

describe('the documents of the language', () => {
  test.each([
    ['reference/configuration.md', referencePage()],
    ['headwater.sample.conf', sampleFile()],
  ])(
    'docs/%s is what the table of directives says (else: npx tsx scripts/generate-config-reference.ts)',
    async (path, text) => {
      expect(await readFile(new URL(path, docs), 'utf8')).toBe(text);
    },
  );

  test('the sample has nothing to complain about', () => {
    const { config, diagnostics } = parseConfig(sampleFile(), 'sample');
    expect(diagnostics).toEqual([]);
    expect(config?.peers).toHaveLength(3);
    expect(config?.streams).toHaveLength(2);
  });

  test('every commented directive of the sample may be put in force', () => {
    const text = sampleFile()
      .replace(/^( *)#(?=\S)/gm, '$1')
      .replace(/^include .*$/m, '');
    const { diagnostics } = parseConfig(text, 'sample');
    expect(diagnostics).toEqual([]);
    expect(text).toContain('\n  template cameras;');
  });

  test.each(table)('%s: its example is right, its default is valid, its help names what it takes', (_, line) => {
    const { config, diagnostics } = parseConfig(fileWith(line), 'example');
    const expected = line.later ? [expect.objectContaining({ severity: 'warning' })] : [];
    if (line === directives.include) expect(diagnostics).toHaveLength(1);
    else {
      expect(diagnostics).toEqual(expected);
      expect(config).toBeDefined();
    }
    if (line.fallback !== undefined) expect(line.args[0]?.parse(line.fallback)).toMatchObject({ ok: true });
    const help = helpOn(line.name) ?? '';
    expect(help).toContain(line.example);
    for (const { label } of line.args) expect(help).toContain(label);
    for (const key of Object.keys(line.options)) expect(help).toContain(`${key}=`);
    expect(referencePage()).toContain(line.sentence);
  });

  test.each(table.filter(([, line]) => line.args.length > 0 && !line.later))(
    '%s: its argument is looked at',
    (_, line) => {
      // Nothing that takes an argument takes an empty one, nor none, nor one too many.
      const words = line.example
        .replace(/[;{].*$/s, '')
        .trim()
        .split(' ');
      const wrongs = ['""', '', `${words.slice(1).join(' ')} surplus`].map((args) =>
        line.example.replace(words.slice(1).join(' '), args),
      );
      for (const wrong of wrongs) {
        const { config, diagnostics } = parseConfig(fileWith({ ...line, example: wrong }), 'example');
        expect(config, wrong).toBeUndefined();
        expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
      }
    },
  );
});

describe('help', () => {
  test('shows both meanings of a name', () => {
    expect(helpOn('template')).toContain('template NAME { … }');
    expect(helpOn('template')).toContain('template NAME;');
  });

  test('knows aliases, and not what is no directive', () => {
    expect(helpOn('input')).toBe(helpOn('url'));
    expect(helpOn('constructor')).toBeUndefined();
  });

  test('lists every directive that does something', () => {
    for (const [, line] of table) expect(directiveList().split(/\s+/).includes(line.name)).toBe(!line.later);
  });
});

describe('wrap', () => {
  test.each([
    ['', 5, []],
    ['a b c', 3, ['a b', 'c']],
    ['abcdef g', 3, ['abcdef', 'g']],
  ])('%j at %d', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});
