// ISO/IEC 13818-1 annex A: the CRC of PSI sections; polynomial 0x04C11DB7, not reflected, not inverted at the end.

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Over a section with its own CRC at the end the result is 0. */
export function crc32Mpeg(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc << 8) ^ (table[((crc >>> 24) ^ byte) & 255] ?? 0);
  return crc >>> 0;
}
