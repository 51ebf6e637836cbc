// ISO 3309: the CRC of Ethernet, gzip and PNG. Polynomial 0x04C11DB7, reflected, inverted at both ends.

/** `before`: the CRC of what comes before `bytes`. Unsigned 32 bits. zlib's `crc32` is one, and faster over much. */
export type Crc32 = (bytes: Uint8Array, before?: number) => number;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc >>> 0;
});

/** For what is short: an index, not its media. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0);
  return ~crc >>> 0;
}
