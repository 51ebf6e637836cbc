import { createHash } from 'node:crypto';
import type { Hash } from '../config/running/digest.ts';

/** 64 bits of SHA-256 as hexadecimal digits: enough to tell configurations apart, short enough to be read aloud. */
export const shortSha256: Hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);
