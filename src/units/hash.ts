/** FNV-1a over UTF-16 code units, then MurmurHash3's finalizer: names that differ in one digit end up far apart. Unsigned 32 bits. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return avalanche(hash);
}

/** One hash of two, not symmetric. */
export function hashPair(first: number, second: number): number {
  return avalanche(Math.imul(first, 0x9e3779b1) ^ second);
}

function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
