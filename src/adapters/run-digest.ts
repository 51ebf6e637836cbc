import { createHash } from 'node:crypto';
import type { Digest } from '../capture/run/digest.ts';

/** SHA-1: it names pictures and parameters, nobody attacks it, and it is the fastest that every machine has. 80 bits of it are plenty. */
export const nodeDigest: Digest = (parts) => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 20);
};
