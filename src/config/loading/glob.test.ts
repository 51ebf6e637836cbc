import { describe, expect, test } from 'vitest';
import { pathFrom } from './file-path.ts';
import { isPattern, matchingPaths } from './glob.ts';

const folders: Readonly<Record<string, readonly string[]>> = {
  '.': ['b.conf', 'a.conf', '.hidden.conf', 'sites', 'other'],
  sites: ['east', 'west'],
  'sites/east': ['1.conf', '10.conf', '2.conf', 'x.txt'],
  'sites/west': ['1.conf'],
  '/': ['etc'],
  '/etc': ['h.conf'],
};
const list = async (path: string): Promise<readonly string[]> => folders[path] ?? [];

describe('matchingPaths', () => {
  test.each([
    ['*.conf', ['a.conf', 'b.conf']],
    ['.*.conf', ['.hidden.conf']],
    ['sites/*/*.conf', ['sites/east/1.conf', 'sites/east/10.conf', 'sites/east/2.conf', 'sites/west/1.conf']],
    ['sites/*/?.conf', ['sites/east/1.conf', 'sites/east/2.conf', 'sites/west/1.conf']],
    ['sites/w*t/1.conf', ['sites/west/1.conf']],
    ['*/none/*', []],
    ['/e?c/*.c*f', ['/etc/h.conf']],
    ['nowhere/*', []],
  ])('%s', async (pattern, paths) => {
    expect(isPattern(pattern)).toBe(true);
    expect(await matchingPaths(pattern, list)).toEqual(paths);
  });

  test('a hostile pattern costs no more than others', async () => {
    const names = ['a'.repeat(250)];
    expect(await matchingPaths(`${'*a'.repeat(100)}b`, async () => names)).toEqual([]);
  });
});

describe('pathFrom', () => {
  test.each([
    ['main.conf', 'a.conf', 'a.conf'],
    ['etc/main.conf', 'a.conf', 'etc/a.conf'],
    ['etc/main.conf', './x/../a.conf', 'etc/a.conf'],
    ['etc/main.conf', '../../a.conf', '../a.conf'],
    ['etc/main.conf', '/a//b.conf', '/a/b.conf'],
    ['/etc/main.conf', '../../../a.conf', '/a.conf'],
    ['', './a.conf', 'a.conf'],
  ])('%s includes %s', (file, path, expected) => {
    expect(pathFrom(file, path)).toBe(expected);
  });
});
