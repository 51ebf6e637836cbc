import { createHash, randomBytes } from 'node:crypto';
import type { HexHash } from '../../media/rtsp/auth.ts';

/** The hash of digest authentication. MD5 is what cameras speak; the connection is not safe by it, nor meant to be. */
export const hexHash: HexHash = (algorithm, text) => createHash(algorithm).update(text).digest('hex');

/** What a client adds to a digest so that its answer can't be prepared. */
export function clientNonce(): string {
  return randomBytes(8).toString('hex');
}
