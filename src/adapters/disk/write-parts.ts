import { writev } from 'node:fs';

/** IOV_MAX: the kernel refuses more pieces in one call. */
const mostParts = 1024;

/** At the descriptor's place. Rejects as the system does; a disk that refuses may have taken a part, and refuses the rest only with the next call. */
export function writeParts(descriptor: number, parts: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const write = (rest: readonly Uint8Array[]): void => {
      if (rest.length === 0) resolve();
      else
        writev(descriptor, rest.length > mostParts ? rest.slice(0, mostParts) : rest, (error, written) => {
          if (error === null) write(behind(rest, written));
          else reject(error);
        });
    };
    write(parts);
  });
}

/** What is left of the parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  let whole = 0;
  for (const { length } of parts) {
    if (left < length) break;
    left -= length;
    whole += 1;
  }
  const [first, ...others] = parts.slice(whole);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
