import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Hmac } from '../group/hmac.ts';

export const nodeHmac: Hmac = {
  sign(key, parts) {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },

  equal(a, b) {
    return a.length === b.length && timingSafeEqual(a, b);
  },

  nonce() {
    return randomBytes(16).toString('hex');
  },
};
