import type { ServerName } from '../../units/ids.ts';

/** Stands for the server's name in paths, so that one file serves all. (Escaped: no template literal was forgotten.) */
export const namePlaceholder = '\u{24}{name}';

/** A server's name made safe for files: `127.0.0.1:8081` is `127.0.0.1_8081`. Never empty, `.` or `..`. */
export function fileName(name: ServerName): string {
  const safe = name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
  return safe === '' ? '_' : safe;
}

/** Puts the server's name for the placeholder into a path of the configuration. */
export function fillName(text: string, name: ServerName): string {
  return text.replaceAll(namePlaceholder, () => fileName(name));
}
