/** The port to a hash: lower-case hexadecimal, the same on all servers and versions. */
export type Digest = (parts: readonly Uint8Array[]) => string;
