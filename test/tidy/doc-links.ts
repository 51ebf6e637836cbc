import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './source-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Links between the project's own pages that lead nowhere. */
export function linkFindings(pages: readonly SourceFile[]): string[] {
  return pages.flatMap((page) =>
    [...page.text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(posix.join(root, posix.dirname(page.path), target)))
      .map((target) => `${page.path}: links to ${target}, which does not exist`),
  );
}
