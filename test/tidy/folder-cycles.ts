import { posix } from 'node:path';
import { importsOf } from './imports.ts';
import type { SourceFile } from './source-files.ts';

/**
 * Folders that import from each other in a circle, as `a -> b -> a`: of such folders none can be read, moved or tested without the others.
 * Tests may look anywhere.
 */
export function folderCycles(files: readonly SourceFile[]): string[] {
  const graph = folderGraph(files);
  const finished = new Set<string>();
  const found: string[] = [];
  const visit = (folder: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(folder);
    if (seenAt >= 0) {
      found.push([...path.slice(seenAt), folder].join(' -> '));
      return;
    }
    if (finished.has(folder)) return;
    for (const next of graph.get(folder) ?? []) visit(next, [...path, folder]);
    finished.add(folder);
  };
  for (const folder of graph.keys()) visit(folder, []);
  return found;
}

function folderGraph(files: readonly SourceFile[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    if (path.endsWith('.test.ts') || path.includes('/testing/')) continue;
    const folder = posix.dirname(path);
    for (const target of importsOf({ path, text })) {
      if (!target.startsWith('.')) continue;
      const other = posix.dirname(posix.normalize(posix.join(folder, target)));
      if (other === folder) continue;
      const known = graph.get(folder) ?? new Set();
      graph.set(folder, known.add(other));
    }
  }
  return graph;
}
