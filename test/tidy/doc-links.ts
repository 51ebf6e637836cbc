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

const comments = /\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm;
/** `adapters/clock.ts`, `bounds.ts`, `docs/reference/urls.md`; not `NAME.ts`, nor what is part of an address or of a package's name. */
const fileNames = /(?<![\w/.:$@<*-])(?:[a-z][\w-]*\/)*[a-z][\w-]*(?:\.[a-z]+)*\.(?:ts|md|sh)\b(?![\w/-])/g;
const decisions = /\bdocs\/decisions\/\d+\b/g;

/** Files that comments and pages name and that nobody finds: not by their path in the repository, nor by the end of it. */
export function mentionFindings(sources: readonly SourceFile[], paths: readonly string[]): string[] {
  const known = new Set(paths.flatMap(endsOf));
  return sources.flatMap((source) => {
    const isPage = source.path.endsWith('.md');
    const told = isPage ? source.text : [...source.text.matchAll(comments)].map(([text]) => text).join('\n');
    const files = [...told.matchAll(fileNames)].map(([name]) => name).filter((name) => !known.has(name));
    const pages = [...told.matchAll(decisions)]
      .map(([name]) => name)
      .filter((name) => !paths.some((path) => path.startsWith(`${name}-`)));
    return [...files, ...pages].map((name) => `${source.path}: names ${name}, which does not exist`);
  });
}

/** Working papers that are no part of the repository. */
const papers = /\bDESIGN\b|\bSTYLE [0-9]/;

/** Lines that send a reader to what only its writer had. */
export function paperFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        papers.test(line)
          ? [`${path}:${index + 1}: say what is meant, or name a page of docs/decisions: ${line.trim()}`]
          : [],
      ),
  );
}

/** `c.ts`, `b/c.ts`, `a/b/c.ts` */
function endsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(index).join('/'));
}
