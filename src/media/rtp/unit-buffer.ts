/**
 * Gathers the units of one access unit in memory that is used again for the next: `units()` are views that are valid until `clear`.
 * Grows to the largest access unit there was.
 */
export class UnitBuffer {
  readonly #limit: number;
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;
  /** Where each finished unit ends. */
  #ends: number[] = [];

  /** `limit`: bytes that are not exceeded. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many units are finished. */
  get count(): number {
    return this.#ends.length;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Adds to the unit that is open; false when the limit would be passed. */
  append(bytes: Uint8Array, from: number, to: number): boolean {
    const length = this.#length + to - from;
    if (length > this.#limit) return false;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
    return true;
  }

  appendByte(byte: number): boolean {
    if (this.#length >= this.#limit) return false;
    if (this.#length >= this.#bytes.length) this.#grow(this.#length + 1);
    this.#bytes[this.#length++] = byte;
    return true;
  }

  /** The open unit is whole. */
  finish(): void {
    if (this.#length > (this.#ends.at(-1) ?? 0)) this.#ends.push(this.#length);
  }

  /** Forgets the open unit. */
  abandon(): void {
    this.#length = this.#ends.at(-1) ?? 0;
  }

  units(): Uint8Array[] {
    const units: Uint8Array[] = [];
    let from = 0;
    for (const end of this.#ends) {
      units.push(this.#bytes.subarray(from, end));
      from = end;
    }
    return units;
  }

  clear(): void {
    this.#length = 0;
    this.#ends = [];
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
