// ISO/IEC 14496-12 clause 4.2: boxes, each with its size in front of it.

/** Writes nested boxes; a size is filled in when its content is complete. */
export class BoxWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(expectedBytes = 1024) {
    this.#bytes = new Uint8Array(expectedBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far: where the next field comes. */
  get position(): number {
    return this.#length;
  }

  box(type: string, content: () => void): this {
    const start = this.#length;
    this.u32(0).text(type);
    content();
    this.setU32(start, this.#length - start);
    return this;
  }

  fullBox(type: string, version: number, flags: number, content: () => void): this {
    return this.box(type, () => {
      this.u8(version)
        .u8(flags >> 16)
        .u16(flags & 0xffff);
      content();
    });
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value);
    return this;
  }

  /** Negative numbers are written in two's complement. */
  u32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  zeros(count: number): this {
    this.#take(count);
    return this;
  }

  text(value: string): this {
    for (let i = 0; i < value.length; i++) this.u8(value.charCodeAt(i));
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** Fills in a field that was written before its value was known. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** A view of all that is written; the writer is done. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
