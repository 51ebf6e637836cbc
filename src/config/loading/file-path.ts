/** The folder of a file's path, with the slash at its end; empty for a bare name. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** A path as written in a file, seen from where that file is: `.` and `..` resolved, so that one file has one path. */
export function pathFrom(file: string, path: string): string {
  const joined = path.startsWith('/') ? path : `${folderOf(file)}${path}`;
  const kept: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue;
    const last = kept.at(-1);
    if (part !== '..' || last === undefined || last === '..') kept.push(part);
    else kept.pop();
  }
  const isAbsolute = joined.startsWith('/');
  const clean = isAbsolute ? kept.filter((part) => part !== '..') : kept;
  return `${isAbsolute ? '/' : ''}${clean.join('/')}`;
}
