import { directives } from '../language/directives.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { type Block, firstWord } from '../syntax/syntax-tree.ts';
import { sourceUrl } from '../values/source-url.ts';
import type { ListFolder } from './glob.ts';

/** Warns of files to be played that are not there: on this machine, at this moment, so it is no error. */
export async function checkFiles(tree: Block, list: ListFolder, reporter: Reporter): Promise<void> {
  const words = tree.nodes
    .flatMap(({ block }) => block?.nodes ?? [])
    .flatMap((node) => (node.directive === directives.url ? [firstWord(node)] : []));
  const folders = new Map<string, ReadonlySet<string>>();
  for (const word of words) {
    const path = pathOf(word.value);
    if (path === undefined) continue;
    const end = path.lastIndexOf('/');
    const folder = path.slice(0, end) || '/';
    const names = folders.get(folder) ?? new Set(await list(folder));
    folders.set(folder, names);
    if (!names.has(path.slice(end + 1))) reporter.warning(word, `there is no file ${path} on this machine`);
  }
}

/** Of a right `file://` URL. */
function pathOf(text: string): string | undefined {
  const parsed = sourceUrl.parse(text);
  if (!parsed.ok || parsed.value.protocol !== 'file') return undefined;
  try {
    return decodeURIComponent(new URL(text).pathname);
  } catch {
    return undefined;
  }
}
