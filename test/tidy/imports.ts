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
  timeline: ['units', 'media', 'hls'],
  hls: ['units', 'media'],
  facts: ['units', 'config', 'hls'],
  capture: ['units', 'config', 'media', 'timeline', 'hls', 'facts'],
  group: ['units', 'config', 'cluster', 'timeline', 'hls'],
  events: ['units', 'cluster', 'group'],
  delivery: ['units', 'media', 'hls', 'facts'],
  api: ['units', 'cluster', 'config', 'delivery', 'events'],
  worker: ['units', 'config', 'hls', 'facts'],
  adapters: [
    'units',
    'config',
    'cluster',
    'media',
    'hls',
    'facts',
    'capture',
    'worker',
    'group',
    'delivery',
    'api',
    'events',
  ],
  thread: ['units', 'config', 'hls', 'media', 'timeline', 'facts', 'capture', 'worker', 'adapters'],
  server: [
    'units',
    'config',
    'cluster',
    'timeline',
    'hls',
    'facts',
    'worker',
    'group',
    'events',
    'delivery',
    'api',
    'adapters',
  ],
  cli: ['units', 'config', 'cluster', 'api', 'events', 'server', 'adapters', 'demo'],
  demo: ['units', 'config', 'media', 'api', 'adapters'],
};

/** The folders that may touch the machine: Node's modules and packages that do I/O. */
const touchesMachine = new Set(['adapters', 'server', 'cli', 'demo', 'thread']);
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

function judge(path: string, target: string): string[] {
  const folder = folderOf(path);
  const isTest = path.endsWith('.test.ts') || path.includes('/testing/');
  const allowed = mayImport[folder];
  if (allowed === undefined) return [`${path}: src/${folder} is not in the table of test/tidy/imports.ts`];
  if (!target.startsWith('.')) {
    if (isTest || touchesMachine.has(folder) || purePackages.has(target)) return [];
    return [
      `${path}: src/${folder} is pure and may not import ${target}; declare a port and implement it in src/adapters`,
    ];
  }
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  if (!resolved.startsWith('src/')) return isTest ? [] : [`${path}: imports ${target}, which is outside src`];
  const other = folderOf(resolved);
  if (other === folder || allowed.includes(other) || isTest) return [];
  return [`${path}: src/${folder} may not import from src/${other} (${target})`];
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}
