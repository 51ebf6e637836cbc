import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every file that git tracks or would track, under these folders, with these endings. */
export function sourceFiles(folders: readonly string[], endings: readonly string[]): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = [...new Set(listed.split('\n'))].filter((path) => endings.some((ending) => path.endsWith(ending)));
  return paths.flatMap((path) => {
    const text = readIfThere(`${root}${path}`);
    return text === undefined ? [] : [{ path, text }];
  });
}

/** A file that was deleted but not yet committed is listed all the same. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
