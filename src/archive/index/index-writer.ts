import { type Ticks, ticks } from '../../units/ticks.ts';
import { seam } from '../span/span.ts';
import { type Closing, type EndReason, encodeClosing } from './closing.ts';
import { encodeHeader, headerChecksum, type RunHeader } from './header.ts';
import { encodeRecord, type FragmentRecord } from './record.ts';
import type { RunIndex } from './run-index.ts';

/** The port to SHA-256: one digest of all that it is given. */
export type Sha256 = () => RunningDigest;

export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal digits; asked once. */
  hex(): string;
}

/**
 * The bytes of an index in the order of writing: the header, what `append` returns for each fragment, what `close` returns. A fragment's
 * record is written when the fragment is, the closing one when everything before it is on the disk.
 */
export class IndexWriter {
  readonly #digest: RunningDigest;
  readonly #seed: number;
  #mediaBytes: number;
  #start: Ticks | undefined;
  #end: Ticks = ticks(0);
  #holes = false;

  private constructor(header: Uint8Array, mediaBytes: number, sha256: Sha256) {
    this.#digest = sha256();
    this.#digest.update(header);
    this.#seed = headerChecksum(header);
    this.#mediaBytes = mediaBytes;
  }

  static begin(header: RunHeader, sha256: Sha256): { readonly writer: IndexWriter; readonly header: Uint8Array } {
    const bytes = encodeHeader(header);
    return { writer: new IndexWriter(bytes, header.init.length, sha256), header: bytes };
  }

  /** Goes on behind the first so many fragments of an index. */
  static resume(index: RunIndex, fragments: number, sha256: Sha256): IndexWriter {
    const writer = new IndexWriter(index.bytes.subarray(0, index.bytesFor(0)), index.header.init.length, sha256);
    for (let i = 0; i < fragments; i++) {
      writer.#take(index.record(i), index.bytes.subarray(index.bytesFor(i), index.bytesFor(i + 1)));
    }
    return writer;
  }

  /** In the order of offsets. */
  append(record: FragmentRecord): Uint8Array {
    const bytes = encodeRecord(record, this.#seed);
    this.#take(record, bytes);
    return bytes;
  }

  /** Of a run with at least one fragment. `mediaBytes`: the recording's length, where it has more than fragments. */
  close(reason: EndReason, mediaBytes = this.#mediaBytes): { readonly closing: Closing; readonly bytes: Uint8Array } {
    const closing: Closing = {
      bytes: mediaBytes,
      start: this.#start ?? ticks(0),
      end: this.#end,
      digest: this.#digest.hex(),
      reason,
      holes: this.#holes,
    };
    return { closing, bytes: encodeClosing(closing) };
  }

  #take({ offset, length, start, duration }: FragmentRecord, bytes: Uint8Array): void {
    this.#digest.update(bytes);
    if (this.#start !== undefined && start - this.#end > seam) this.#holes = true;
    this.#mediaBytes = offset + length;
    this.#start ??= start;
    this.#end = ticks(Math.max(this.#end, start + duration));
  }
}
