import { patPid } from '../../media/mpegts/psi.ts';
import { PacketReader, packetBytes } from '../../media/mpegts/ts-packet.ts';
import type { MpegtsChunk } from '../ports.ts';
import { videoStart } from './video-start.ts';

/** The muxer writes PAT, PMT and then the access unit that they announce. */
const tablePackets = 2;

/** Cuts another server's MPEG-TS, in pieces of any size, into chunks as its own worker made them: each keyframe begins one, its tables in front. */
export class ChunkSplitter {
  readonly #reader = new PacketReader({
    packet: (bytes, at) => this.#packet(bytes, at),
    damage: () => undefined,
  });
  #chunks: MpegtsChunk[] = [];
  #out = new Uint8Array(0);
  #length = 0;
  #keyframe = false;
  /** Where the tables begin that a keyframe may follow; -1 when none are pending. */
  #tablesAt = -1;

  /** The chunks that are decided now. At most the tables in front of an undecided unit are kept back. */
  push(bytes: Uint8Array): MpegtsChunk[] {
    this.#chunks = [];
    this.#reserve(bytes.length);
    this.#reader.push(bytes);
    this.#emit(this.#tablesAt < 0 ? this.#length : this.#tablesAt);
    return this.#chunks;
  }

  /** Room for what is kept back and all that may come of the next bytes, with what the reader holds. */
  #reserve(more: number): void {
    const out = new Uint8Array(this.#length + more + 4 * packetBytes);
    out.set(this.#out.subarray(0, this.#length));
    this.#out = out;
  }

  #packet(bytes: Uint8Array, at: number): void {
    const pid = (((bytes[at + 1] ?? 0) & 31) << 8) | (bytes[at + 2] ?? 0);
    if (pid === patPid) {
      this.#tablesAt = this.#length;
    } else if (this.#tablesAt >= 0 && this.#length - this.#tablesAt >= tablePackets * packetBytes) {
      if (videoStart(bytes, at)?.keyframe) this.#cut(this.#tablesAt);
      this.#tablesAt = -1;
    }
    this.#out.set(bytes.subarray(at, at + packetBytes), this.#length);
    this.#length += packetBytes;
  }

  #cut(at: number): void {
    this.#emit(at);
    this.#keyframe = true;
  }

  /** Everything before `end` is a chunk, what is behind it begins the next one. */
  #emit(end: number): void {
    if (end > 0) {
      this.#chunks.push({ keyframe: this.#keyframe, data: this.#out.slice(0, end) });
      this.#keyframe = false;
    }
    this.#out.copyWithin(0, end, this.#length);
    this.#length -= end;
    this.#tablesAt = this.#tablesAt < 0 ? -1 : this.#tablesAt - end;
  }
}
