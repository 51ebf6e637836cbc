import type { UnixMicros } from '../../units/time.ts';
import { type JournalEvent, parseEvent } from './journal-event.ts';
import { Known } from './known.ts';

/** What is read and parsed at a time, some 200 events in half a millisecond: between two blocks the event loop runs. No line is longer. */
export const blockBytes = 64 * 1024;

/** A run of whole lines of a day's file, and what a reader must know of them to pass them over. */
export interface Block {
  readonly from: number;
  /** The byte after its last line. */
  to: number;
  /** The last event of each origin in it. */
  readonly known: Known;
  newest: UnixMicros | undefined;
}

/** Reads bytes `from` to `to` (exclusive), fewer where the file ends. */
export type ReadBytes = (from: number, to: number) => Promise<Uint8Array>;

/** The index of one day's file: which blocks it has, and which events are in them. The events themselves stay on disk. */
export class DayFile {
  readonly name: string;
  readonly known = new Known();
  readonly #blocks: Block[] = [];
  #bytes = 0;
  #torn = false;

  constructor(name: string) {
    this.name = name;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** In the order of the file. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** Whether the last line has no end: it would swallow the next. */
  get torn(): boolean {
    return this.#torn;
  }

  /** Indexes what is on disk, a block at a time, and hands over its events. Rejects with what `read` rejects with. */
  async load(bytes: number, read: ReadBytes, take: (event: JournalEvent) => void): Promise<void> {
    while (this.#bytes < bytes) {
      const piece = await read(this.#bytes, Math.min(bytes, this.#bytes + blockBytes));
      if (piece.length === 0) return;
      const lineEnd = piece.lastIndexOf(newline) + 1;
      // Without an end of line it is the torn tail, or longer than any event: then the search goes on behind it.
      const lines = lineEnd === 0 ? piece : piece.subarray(0, lineEnd);
      this.#torn = lineEnd === 0;
      const events = parseLines(lines);
      this.#append(lines.length, events);
      for (const event of events) take(event);
    }
  }

  /** Takes note of what was appended: the line of this event. */
  appended(event: JournalEvent, bytes: number): void {
    this.#torn = false;
    this.#append(bytes, [event]);
  }

  /** Takes note of an append that failed halfway: the file has so many bytes now, and its last line may be torn. */
  broken(bytes: number): void {
    this.#torn = true;
    // A full disk fails for every event: one new block is enough for all of them.
    if (this.#blocks.at(-1)?.from === bytes) this.#blocks.pop();
    this.#blocks.push({ from: bytes, to: bytes, known: new Known(), newest: undefined });
    this.#bytes = bytes;
  }

  #append(bytes: number, events: readonly JournalEvent[]): void {
    const block = this.#blockFor(bytes);
    block.to += bytes;
    this.#bytes += bytes;
    for (const event of events) {
      this.known.add(event);
      block.known.add(event);
      if (block.newest === undefined || event.at > block.newest) block.newest = event.at;
    }
  }

  #blockFor(bytes: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.to - last.from + bytes <= blockBytes) return last;
    const block: Block = { from: this.#bytes, to: this.#bytes, known: new Known(), newest: undefined };
    this.#blocks.push(block);
    return block;
  }
}

const newline = 0x0a;
const decoder = new TextDecoder();

/** The events of these lines; torn and strange ones are passed over. */
export function parseLines(bytes: Uint8Array): JournalEvent[] {
  return decoder
    .decode(bytes)
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      try {
        return parseEvent(JSON.parse(line)) ?? [];
      } catch {
        return [];
      }
    });
}
