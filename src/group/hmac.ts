/** The port to HMAC-SHA256; the key is secret, the parts are hashed one behind the other. */
export interface Hmac {
  sign(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
  /** In constant time for equal lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** Unpredictable text for challenges and nonces: 128 bits as hexadecimal digits. */
  nonce(): string;
}
