// ISO/IEC 13818-1 clause 2.4.4.1: sections in packets, and the pointer_field that says where one begins.

/** section_length has 12 bits. */
const largestSection = 3 + 4095;
/** table_id of the bytes behind a packet's last section. */
const stuffing = 0xff;

/** Gathers the sections of one PID, which may span packets or share one. Holds one section at most. */
export class SectionReader {
  readonly #deliver: (section: Uint8Array) => void;
  readonly #bytes = new Uint8Array(largestSection);
  #length = 0;
  /** False until a packet says where a section begins, and behind lost bytes. */
  #synced = false;

  /** `deliver` gets a view that is valid during the call. */
  constructor(deliver: (section: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  /** Bytes of this PID are missing: what was begun can't be finished. */
  lost(): void {
    this.#synced = false;
    this.#length = 0;
  }

  packet(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void {
    if (!unitStart) {
      if (this.#synced) this.#take(bytes, from, to);
      return;
    }
    const start = from + 1 + (bytes[from] ?? 0);
    if (start > to) {
      this.lost();
      return;
    }
    if (this.#synced && this.#length > 0) this.#take(bytes, from + 1, start);
    this.#synced = true;
    this.#length = 0;
    this.#take(bytes, start, to);
  }

  #take(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#length === 0 && bytes[at] === stuffing) {
        this.#synced = false;
        return;
      }
      const end = Math.min(to, at + this.#missing());
      this.#bytes.set(bytes.subarray(at, end), this.#length);
      this.#length += end - at;
      at = end;
      if (this.#length >= 3 && this.#missing() === 0) {
        const section = this.#bytes.subarray(0, this.#length);
        this.#length = 0;
        this.#deliver(section);
      }
    }
  }

  /** Up to the end of the section, or of its first three bytes, which say how long it is. */
  #missing(): number {
    if (this.#length < 3) return 3 - this.#length;
    const length = (((this.#bytes[1] ?? 0) & 15) << 8) | (this.#bytes[2] ?? 0);
    return 3 + length - this.#length;
  }
}
