/**
 * The frame number that the clips carry along their top, readable after scaling and recompression: 16 blocks over the whole width,
 * in the first ninth of the height. White, black, 12 bits of the number (highest first), 2 bits that count its ones modulo 4.
 */
const blocks = 16;
const numberBits = 12;

/** How many frames a clip has: numbers run from 0 to one less and start again. */
export const framesPerClip = 1000;

/**
 * The frame's number from the luma (0-255) of a picture's line at a twentieth of its height, any width from 32 on.
 * Undefined when the line holds no code, or a damaged one.
 */
export function readFrameCode(luma: ArrayLike<number>): number | undefined {
  const level = (block: number): number => luma[Math.floor(((block + 0.5) * luma.length) / blocks)] ?? 0;
  const white = level(0);
  const black = level(1);
  if (white - black < 64) return undefined;
  const bit = (block: number): number => (level(block) > (white + black) / 2 ? 1 : 0);
  let number = 0;
  let ones = 0;
  for (let block = 2; block < 2 + numberBits; block++) {
    number = number * 2 + bit(block);
    ones += bit(block);
  }
  return bit(14) * 2 + bit(15) === ones % 4 ? number : undefined;
}
