// ISO/IEC 13818-1 clause 2.4.3.2: transport packets of 188 bytes that begin with 0x47.
import type { Damage } from '../track.ts';

export const packetBytes = 188;
export const syncByte = 0x47;
export const nullPid = 0x1fff;

/** So many sync bytes in a row, a packet apart, are taken for packets: one 0x47 stands in every 256 bytes of garbage. */
const syncsToLock = 3;
const lockSpan = (syncsToLock - 1) * packetBytes + 1;

export interface PacketSink {
  /** A whole packet at `at`; the bytes are only valid during the call. */
  packet(bytes: Uint8Array, at: number): void;
  damage(damage: Damage): void;
}

/**
 * Cuts bytes, chopped anywhere, into packets, and finds them again behind garbage. A packet counts when another follows it: one
 * that was cut (two streams joined by a proxy) would end in the next one's bytes. Holds less than `lockSpan` bytes.
 */
export class PacketReader {
  readonly #sink: PacketSink;
  /** The beginning of a packet (or, while hunting, of a few) whose rest has not come yet. */
  readonly #held = new Uint8Array(lockSpan);
  #heldBytes = 0;
  #locked = false;
  #skipped = 0;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    // A plain view: what Node's sockets give is a Buffer, whose subarray costs several times as much.
    let bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = this.#locked ? this.#completeHeld(bytes) : 0;
    if (!this.#locked && this.#heldBytes > 0) {
      bytes = joined(this.#held.subarray(0, this.#heldBytes), bytes.subarray(at));
      this.#heldBytes = 0;
      at = 0;
    }
    this.#hold(bytes, this.#packets(bytes, at));
  }

  /** The source has ended: what is left is judged without waiting for more. */
  flush(): void {
    const bytes = this.#held.slice(0, this.#heldBytes);
    this.#heldBytes = 0;
    if (!this.#locked) this.#flushHunt(bytes);
    else if (bytes.length === packetBytes) this.#sink.packet(bytes, 0);
    else if (bytes.length > 0) this.#truncated(bytes.length);
    this.#locked = false;
    this.#skipped = 0;
  }

  /** Fills up the packet begun by the last chunk and the sync byte behind it; returns the first byte that is not used. */
  #completeHeld(bytes: Uint8Array): number {
    if (this.#heldBytes === 0) return 0;
    const missing = Math.min(packetBytes + 1 - this.#heldBytes, bytes.length);
    this.#held.set(bytes.subarray(0, missing), this.#heldBytes);
    this.#heldBytes += missing;
    if (this.#heldBytes <= packetBytes) return missing;
    if (this.#held[packetBytes] !== syncByte) {
      this.#locked = false;
      return missing;
    }
    this.#heldBytes = 0;
    this.#sink.packet(this.#held, 0);
    return missing - 1;
  }

  /** All packets from `from` on; returns the first byte that is not used yet. */
  #packets(bytes: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      if (!this.#locked) {
        at = this.#hunt(bytes, at);
        if (!this.#locked) return at;
      }
      while (at + packetBytes < bytes.length && bytes[at + packetBytes] === syncByte) {
        this.#sink.packet(bytes, at);
        at += packetBytes;
      }
      if (at + packetBytes >= bytes.length) return at;
      this.#locked = false;
    }
  }

  #hunt(bytes: Uint8Array, from: number): number {
    let at = from;
    for (; at + lockSpan <= bytes.length; at++) {
      if (bytes[at] === syncByte && bytes[at + packetBytes] === syncByte && bytes[at + 2 * packetBytes] === syncByte) {
        this.#lock(at - from);
        return at;
      }
    }
    this.#skipped += at - from;
    return at;
  }

  #lock(skipped: number): void {
    this.#locked = true;
    const total = this.#skipped + skipped;
    this.#skipped = 0;
    if (total > 0) this.#sink.damage({ kind: 'sync-lost', detail: `${total} bytes between packets` });
  }

  #truncated(length: number): void {
    this.#sink.damage({ kind: 'truncated', detail: `the last packet has ${length} bytes` });
  }

  #flushHunt(bytes: Uint8Array): void {
    const at = bytes.findIndex(
      (byte, i) => byte === syncByte && (bytes.length - i) % packetBytes === 0 && bytes.length - i >= packetBytes,
    );
    const skipped = this.#skipped + (at < 0 ? bytes.length : at);
    if (skipped > 0) this.#sink.damage({ kind: 'sync-lost', detail: `${skipped} bytes between packets` });
    for (let from = at; at >= 0 && from < bytes.length; from += packetBytes) {
      if (bytes[from] === syncByte) this.#sink.packet(bytes, from);
    }
  }

  #hold(bytes: Uint8Array, from: number): void {
    if (from >= bytes.length) return;
    this.#held.set(bytes.subarray(from), this.#heldBytes);
    this.#heldBytes += bytes.length - from;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
