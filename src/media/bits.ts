/**
 * Reads big-endian bit fields. Past the end it reads zeros and says so once asked with `exhausted`:
 * a parser of damaged bytes stays straight-line code and judges its result at the end.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more was read than there is. */
  get exhausted(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#position;
  }

  bit(): 0 | 1 {
    const byte = this.#bytes[this.#position >> 3] ?? 0;
    const value = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return value === 1 ? 1 : 0;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned field of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** ue(v), ITU-T H.264 clause 9.1. Longer codes than 32 bits only come from damage and read as 0. */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 31) return 0;
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), ITU-T H.264 clause 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Collects big-endian bit fields; the last byte is filled with zeros. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #used = 0;

  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bit(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  /** ue(v), ITU-T H.264 clause 9.1. */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.bits(0, length).bits(value + 1, length + 1);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #bit(value: number): void {
    if (this.#used % 8 === 0) this.#bytes.push(0);
    const last = this.#bytes.length - 1;
    this.#bytes[last] = (this.#bytes[last] ?? 0) | (value << (7 - (this.#used % 8)));
    this.#used += 1;
  }
}
