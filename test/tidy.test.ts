import { expect, test } from 'vitest';
import { bannedFindings } from './tidy/banned.ts';
import { linkFindings, mentionFindings, paperFindings } from './tidy/doc-links.ts';
import { folderCycles } from './tidy/folder-cycles.ts';
import { importFindings, unusedLeave } from './tidy/imports.ts';
import { sizeFindings } from './tidy/sizes.ts';
import { sourceFiles } from './tidy/source-files.ts';

// A transport stream ends in .ts too.
const all = sourceFiles(['src', 'test', 'bench', 'scripts'], ['.ts']).filter(
  (file) => !file.path.startsWith('test/fixtures/'),
);
const sources = all.filter((file) => file.path.startsWith('src/') && !file.path.endsWith('.test.ts'));
const tests = all.filter((file) => file.path.endsWith('.test.ts') || file.path.startsWith('test/'));
const texts = ['.ts', '.js', '.html', '.md', '.sh', '.conf'];
const pages = sourceFiles(['README.md', 'CHANGELOG.md', 'docs', 'test'], ['.md']);

test('imports go one way', () => {
  expect(importFindings(all.filter((file) => file.path.startsWith('src/')))).toEqual([]);
  expect(unusedLeave(sources)).toEqual([]);
});

test('no folders import from each other in a circle', () => {
  expect(folderCycles(sources)).toEqual([]);
});

test('time, chance, console and escapes from the type checker stay where they belong', () => {
  const judged = tests.filter((file) => !file.path.startsWith('test/tidy/'));
  expect(bannedFindings(sources, judged)).toEqual([]);
});

test('files keep to one idea', () => {
  expect(sizeFindings(sources)).toEqual([]);
});

test('the pages link to what exists', () => {
  expect(linkFindings(pages)).toEqual([]);
});

test('comments and pages name files that exist', () => {
  const paths = sourceFiles(['src', 'test', 'bench', 'scripts', 'demo', 'docs', 'README.md'], ['']).map(
    ({ path }) => path,
  );
  const told = [...all.filter((file) => !file.path.startsWith('test/tidy')), ...pages];
  expect(mentionFindings(told, paths)).toEqual([]);
});

test('nobody is sent to a page that the repository does not have', () => {
  const told = sourceFiles(['src', 'test', 'bench', 'scripts', 'docs', 'README.md', 'CHANGELOG.md'], texts);
  expect(paperFindings(told.filter((file) => !file.path.startsWith('test/tidy')))).toEqual([]);
});

test('the rules find what they forbid', () => {
  const bad = {
    path: 'src/cluster/bad.ts',
    text: "import { readFileSync } from 'node:fs';\nimport { x } from '../server/server.ts';\nconst t = Date.now();\n",
  };
  expect(importFindings([bad])).toHaveLength(2);
  expect(unusedLeave([bad])).toContainEqual(expect.stringContaining('src/cluster imports nothing from src/units'));
  expect(bannedFindings([bad], [])).toHaveLength(1);
  const there = { path: 'src/a/x.ts', text: "import { y } from '../b/y.ts';\n" };
  const back = { path: 'src/b/y.ts', text: "import type { x } from '../a/x.ts';\n" };
  expect(folderCycles([there, back])).toEqual(['src/a -> src/b -> src/a']);
  expect(folderCycles([there])).toEqual([]);
  expect(sizeFindings([{ path: 'src/a.ts', text: '\n'.repeat(600) }])).toHaveLength(2);
  expect(linkFindings([{ path: 'README.md', text: '[x](docs/none.md)' }])).toHaveLength(1);
  expect(paperFindings([{ path: 'src/x.ts', text: '// Two seconds (DESIGN 9).\n// Designed.' }])).toHaveLength(1);
  const talk =
    '/** See a/b.ts, `c.ts` and docs/decisions/001; not a/c.ts, d.ts nor docs/decisions/009. */ // nor http://a/x.ts';
  const found = mentionFindings(
    [{ path: 'src/x.ts', text: talk }],
    ['src/a/b.ts', 'src/b/c.ts', 'docs/decisions/001-x.md'],
  );
  expect(found.map((finding) => finding.split(' ')[2])).toEqual(['a/c.ts,', 'd.ts,', 'docs/decisions/009,']);
});
