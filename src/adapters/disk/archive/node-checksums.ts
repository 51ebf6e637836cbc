import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Checksums } from '../../../archive/recovery/recovery.ts';

/** zlib's and OpenSSL's, which use what the processor has for them. */
export const nodeChecksums: Checksums = {
  crc32,
  sha256() {
    const hash = createHash('sha256');
    return {
      update(bytes) {
        hash.update(bytes);
      },
      hex: () => hash.digest('hex'),
    };
  },
};
