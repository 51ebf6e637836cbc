/** What a disk writes at once, or not. */
const sector = 512;

/** A file's bytes as everybody reads them, and what of them is on the disk for certain. */
export class SimFile {
  bytes: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  #synced: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  changedMs = 0;

  append(more: Uint8Array): void {
    this.bytes = Uint8Array.from([...this.bytes, ...more]);
  }

  cut(bytes: number): void {
    this.bytes = this.bytes.slice(0, bytes);
  }

  sync(): void {
    this.#synced = this.bytes;
  }

  /** After a loss of power: what was synced, and of the rest some sectors, others empty, up to some length between the two. */
  afterPowerLoss(chance: () => number): SimFile {
    const [from, to] = [this.#synced, this.bytes];
    const span = to.length - from.length;
    const length = from.length + Math.round(span * (chance() < 0.3 ? 1 : chance()));
    const bytes = new Uint8Array(length);
    const same = commonLength(from, to);
    bytes.set(from.subarray(0, Math.min(length, from.length)));
    for (let at = same - (same % sector); at < length; at += sector) {
      const end = Math.min(at + sector, length);
      if (chance() < 0.7) bytes.set(to.subarray(at, end), at);
    }
    // What is the same in both was never under way.
    bytes.set(to.subarray(0, Math.min(same, length)));
    const file = new SimFile();
    file.bytes = bytes;
    file.#synced = bytes;
    file.changedMs = this.changedMs;
    return file;
  }
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const least = Math.min(a.length, b.length);
  for (let i = 0; i < least; i++) if (a[i] !== b[i]) return i;
  return least;
}
