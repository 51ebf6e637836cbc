import { patPid } from '../../media/mpegts/psi.ts';
import { packetBytes, syncByte } from '../../media/mpegts/ts-packet.ts';
import { AppError } from '../../units/app-error.ts';
import type { MpegtsChunk } from '../ports.ts';
import { videoStart } from './video-start.ts';

/** The muxer writes PAT, PMT and then the access unit that they announce. */
const tablePackets = 2;

/**
 * Cuts another server's MPEG-TS, in pieces of any size, into chunks as its own worker made them: each keyframe begins one, its tables in front.
 * Between servers nothing gets lost on the way, so that packets are whole and in their places; unlike in a source's stream there is nothing to repair.
 */
export class ChunkSplitter {
  #chunks: MpegtsChunk[] = [];
  #out = new Uint8Array(0);
  #length = 0;
  /** The beginning of a packet whose rest has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #keyframe = false;
  /** Where the tables begin that a keyframe may follow; -1 when none are pending. */
  #tablesAt = -1;

  /** The chunks that are decided now. At most the tables in front of an undecided unit are kept back. Throws on what is no MPEG-TS. */
  push(piece: Uint8Array): MpegtsChunk[] {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const whole = bytes.length - (bytes.length % packetBytes);
    this.#rest = bytes.slice(whole);
    this.#chunks = [];
    this.#reserve(whole);
    for (let at = 0; at < whole; at += packetBytes) this.#packet(bytes, at);
    this.#emit(this.#tablesAt < 0 ? this.#length : this.#tablesAt);
    return this.#chunks;
  }

  /** Room for what is kept back and all that comes now. */
  #reserve(more: number): void {
    const out = new Uint8Array(this.#length + more);
    out.set(this.#out.subarray(0, this.#length));
    this.#out = out;
  }

  #packet(bytes: Uint8Array, at: number): void {
    if (bytes[at] !== syncByte) throw new AppError('source-protocol', 'the owner sends something else than MPEG-TS');
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
