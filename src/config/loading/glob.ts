/** More files than this for one pattern is a mistake, such as a pattern at the root of a disk. */
const matchesMax = 1000;

export type ListFolder = (path: string) => Promise<readonly string[]>;

export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/** The paths that match, in the order of their names, folder by folder; names that begin with a dot only when the pattern says so. */
export async function matchingPaths(pattern: string, list: ListFolder): Promise<string[]> {
  const isAbsolute = pattern.startsWith('/');
  let found = [isAbsolute ? '/' : ''];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const next: string[] = [];
    for (const folder of found) next.push(...(await step(folder, part, list)));
    found = next.slice(0, matchesMax);
  }
  return found;
}

async function step(folder: string, part: string, list: ListFolder): Promise<string[]> {
  const path = (name: string): string =>
    folder === '' || folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
  if (!isPattern(part)) return [path(part)];
  const names = await list(folder === '' ? '.' : folder);
  return names
    .filter((name) => matches(name, part))
    .sort(byText)
    .map(path);
}

function matches(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return wildcardMatch(name, pattern);
}

/** Linear but for the last `*`, which alone is tried again: no pattern can make it slow, as a regular expression could. */
function wildcardMatch(name: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let index = 0;
  while (index < name.length) {
    const wanted = pattern.charAt(at);
    if (at < pattern.length && wanted !== '*' && (wanted === '?' || wanted === name.charAt(index))) {
      at += 1;
      index += 1;
    } else if (wanted === '*') {
      star = at;
      retry = index;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      index = retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
