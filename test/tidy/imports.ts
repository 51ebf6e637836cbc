import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

/**
 * Which folders of src/ a folder may import from, besides itself. The picture in docs/ARCHITECTURE.md is this table.
 * Pure folders stand first; none of them may import node: or a package that does I/O.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  units: [],
  config: ['units', 'cluster'],
  cluster: ['units'],
  media: ['units'],
  timeline: ['units'],
  hls: ['units', 'timeline'],
  archive: ['units', 'media', 'hls'],
  facts: ['units', 'config', 'hls', 'archive'],
  capture: ['units', 'config', 'media', 'timeline', 'hls', 'archive', 'facts'],
  group: ['units', 'cluster'],
  events: ['units', 'cluster', 'group'],
  delivery: ['units', 'media', 'hls', 'archive', 'facts'],
  api: ['units', 'cluster', 'config', 'events'],
  pool: ['units', 'facts'],
  adapters: [
    'units',
    'config',
    'cluster',
    'media',
    'archive',
    'facts',
    'capture',
    'pool',
    'group',
    'delivery',
    'api',
    'events',
  ],
  worker: ['units', 'archive', 'facts', 'capture', 'adapters'],
  server: [
    'units',
    'config',
    'cluster',
    'timeline',
    'hls',
    'archive',
    'facts',
    'pool',
    'group',
    'events',
    'delivery',
    'api',
    'adapters',
  ],
  cli: ['units', 'config', 'cluster', 'archive', 'api', 'server', 'adapters', 'demo'],
  demo: ['units', 'media', 'adapters'],
};

/** The folders that may touch the machine: Node's modules and packages that do I/O. */
const touchesMachine = new Set(['adapters', 'server', 'cli', 'demo', 'worker']);
/** Packages that only compute, usable anywhere. */
const purePackages = new Set(['zod', 'sdp-transform']);

const importPattern = /^\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Findings as `path: what is wrong`. */
export function importFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => importsOf(file).flatMap((target) => judge(file.path, target)));
}

/** What a file imports, as it is written. */
export function importsOf(file: SourceFile): string[] {
  return [...file.text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** What the table allows and nobody does: it would let in what nobody decided. */
export function unusedLeave(files: readonly SourceFile[]): string[] {
  const used = new Set(files.filter((file) => !isTest(file.path)).flatMap(foldersOf));
  return Object.entries(mayImport).flatMap(([folder, others]) =>
    others
      .filter((other) => !used.has(`${folder} ${other}`))
      .map(
        (other) => `test/tidy/imports.ts: src/${folder} imports nothing from src/${other}; take it out of the table`,
      ),
  );
}

/** As `folder other`, for each of its imports from another file. */
function foldersOf(file: SourceFile): string[] {
  const targets = importsOf(file).filter((target) => target.startsWith('.'));
  return targets.map((target) => `${folderOf(file.path)} ${folderOf(resolved(file.path, target))}`);
}

function judge(path: string, target: string): string[] {
  const folder = folderOf(path);
  const allowed = mayImport[folder];
  if (allowed === undefined) return [`${path}: src/${folder} is not in the table of test/tidy/imports.ts`];
  if (!target.startsWith('.')) {
    if (isTest(path) || touchesMachine.has(folder) || purePackages.has(target)) return [];
    return [
      `${path}: src/${folder} is pure and may not import ${target}; declare a port and implement it in src/adapters`,
    ];
  }
  const to = resolved(path, target);
  if (!to.startsWith('src/')) return isTest(path) ? [] : [`${path}: imports ${target}, which is outside src`];
  const other = folderOf(to);
  if (other === folder || allowed.includes(other) || isTest(path)) return [];
  return [`${path}: src/${folder} may not import from src/${other} (${target})`];
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.includes('/testing/');
}

function resolved(path: string, target: string): string {
  return posix.normalize(posix.join(posix.dirname(path), target));
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}
