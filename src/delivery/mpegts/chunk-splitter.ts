import { patPid } from '../../media/mpegts/psi.ts';
import { packetBytes, syncByte } from '../../media/mpegts/ts-packet.ts';
import { AppError } from '../../units/app-error.ts';
import type { MpegtsChunk } from '../ports/ports.ts';
import { pidOf, unitStart } from './unit-start.ts';

/** The muxer writes PAT, PMT and then the access unit that they announce. */
const tableBytes = 2 * packetBytes;
/** Far more than the largest picture of any camera. */
const mostUnitBytes = 8 * 1024 * 1024;

/**
 * Cuts another server's MPEG-TS, in pieces of any size, into chunks as its own worker made them: whole access units, each keyframe beginning
 * one, its tables in front. Between servers nothing gets lost on the way, so that packets are whole and in their places; unlike in a source's
 * stream there is nothing to repair.
 */
export class ChunkSplitter {
  #chunks: MpegtsChunk[] = [];
  #out = new Uint8Array(0);
  #length = 0;
  /** The beginning of a packet whose rest has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #keyframe = false;
  /** Where the tables begin that a unit may follow; -1 when none are pending. */
  #tablesAt = -1;
  /** Where the last unit begins, or the tables in front of it: it may go on in the next piece. */
  #unitAt = 0;

  /** The chunks that are whole now; the unit that came last is kept back. Throws on what is no MPEG-TS. */
  push(piece: Uint8Array): MpegtsChunk[] {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const whole = bytes.length - (bytes.length % packetBytes);
    this.#rest = bytes.slice(whole);
    this.#chunks = [];
    this.#reserve(whole);
    for (let at = 0; at < whole; at += packetBytes) this.#packet(bytes, at);
    this.#emit(this.#unitAt);
    return this.#chunks;
  }

  /** Room for what is kept back and all that comes now. */
  #reserve(more: number): void {
    if (this.#length > mostUnitBytes) throw notMpegts();
    const out = new Uint8Array(this.#length + more);
    out.set(this.#out.subarray(0, this.#length));
    this.#out = out;
  }

  #packet(bytes: Uint8Array, at: number): void {
    if (bytes[at] !== syncByte) throw notMpegts();
    if (pidOf(bytes, at) === patPid) {
      this.#tablesAt = this.#length;
      this.#unitAt = this.#length;
    } else if (this.#tablesAt < 0 || this.#length - this.#tablesAt >= tableBytes) {
      this.#mediaPacket(bytes, at);
    }
    this.#out.set(bytes.subarray(at, at + packetBytes), this.#length);
    this.#length += packetBytes;
  }

  #mediaPacket(bytes: Uint8Array, at: number): void {
    const unit = unitStart(bytes, at);
    if (unit !== undefined) this.#unitAt = this.#tablesAt < 0 ? this.#length : this.#tablesAt;
    if (unit?.keyframe && this.#tablesAt >= 0) this.#cut(this.#tablesAt);
    this.#tablesAt = -1;
  }

  #cut(at: number): void {
    this.#emit(at);
    this.#keyframe = true;
  }

  /** Everything before `end` is a chunk, what is behind it begins the next one. */
  #emit(end: number): void {
    if (end === 0) return;
    this.#chunks.push({ keyframe: this.#keyframe, data: this.#out.slice(0, end) });
    this.#keyframe = false;
    this.#out.copyWithin(0, end, this.#length);
    this.#length -= end;
    this.#unitAt -= end;
    if (this.#tablesAt >= 0) this.#tablesAt -= end;
  }
}

function notMpegts(): AppError {
  return new AppError('source-protocol', 'the owner sends something else than MPEG-TS');
}
