// ISO/IEC 13818-1 clauses 2.4.3.2 and 2.4.3.3: the packet header, and which PID's payload goes where.
import type { Damage } from '../track.ts';
import { ContinuityCheck } from './continuity-check.ts';
import { type PacketSink, packetBytes } from './ts-packet.ts';

/** Takes the payload of one PID's packets. */
export interface PayloadReader {
  packet(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void;
  /** Packets are missing in front of the next one, which is given with its `unitStart`. */
  lost(unitStart: boolean): void;
}

interface Entry {
  readonly pid: number;
  readonly reader: PayloadReader;
  readonly continuity: ContinuityCheck;
  scrambledTold: boolean;
}

/** PIDs have 13 bits. */
const pidCount = 8192;

/** Sends each packet's payload to the reader of its PID, in order and once; packets of other PIDs are passed over. */
export class PidTable implements PacketSink {
  readonly #sink: { damage(damage: Damage): void };
  /** By PID: the place in `#entries`, where 0 is nobody. Most packets of a multiplex are dropped with this one look. */
  readonly #places = new Uint16Array(pidCount);
  readonly #entries: (Entry | undefined)[] = [undefined];

  constructor(sink: { damage(damage: Damage): void }) {
    this.#sink = sink;
  }

  set(pid: number, reader: PayloadReader): void {
    this.delete(pid);
    const free = this.#entries.indexOf(undefined, 1);
    const place = free < 0 ? this.#entries.length : free;
    this.#entries[place] = { pid, reader, continuity: new ContinuityCheck(), scrambledTold: false };
    this.#places[pid] = place;
  }

  delete(pid: number): void {
    const place = this.#places[pid] ?? 0;
    if (place === 0) return;
    this.#entries[place] = undefined;
    this.#places[pid] = 0;
  }

  damage(damage: Damage): void {
    this.#sink.damage(damage);
  }

  packet(bytes: Uint8Array, at: number): void {
    const second = bytes[at + 1] as number;
    const pid = ((second & 31) << 8) | (bytes[at + 2] as number);
    const entry = this.#entries[this.#places[pid] as number];
    if (entry === undefined) return;
    // With transport_error_indicator set nothing else in the packet can be believed: it counts as lost.
    if ((second & 0x80) !== 0) return;
    const fourth = bytes[at + 3] as number;
    if ((fourth & 0x10) === 0) return;
    const from = at + 4 + ((fourth & 0x20) === 0 ? 0 : 1 + (bytes[at + 4] as number));
    if (from >= at + packetBytes) {
      if (from > at + packetBytes) this.#malformed(pid);
      return;
    }
    this.#payload(entry, bytes, at, from);
  }

  #payload(entry: Entry, bytes: Uint8Array, at: number, from: number): void {
    const unitStart = ((bytes[at + 1] as number) & 0x40) !== 0;
    const continuity = entry.continuity.judge(bytes, at);
    if (continuity === 'repeat') return;
    if (continuity !== 'next') {
      if (continuity === 'gap') this.#gap(entry);
      entry.reader.lost(unitStart);
    }
    const scrambled = ((bytes[at + 3] as number) & 0xc0) !== 0;
    if (scrambled) this.#scrambled(entry);
    else entry.reader.packet(bytes, from, at + packetBytes, unitStart);
  }

  #gap({ pid, continuity }: Entry): void {
    const detail = continuity.meaningless
      ? `PID ${pid} does not count its packets`
      : `packets of PID ${pid} are missing`;
    this.#sink.damage({ kind: 'continuity', detail });
  }

  #malformed(pid: number): void {
    this.#sink.damage({ kind: 'malformed', detail: `a packet of PID ${pid} is shorter than its adaptation field` });
  }

  #scrambled(entry: Entry): void {
    if (entry.scrambledTold) return;
    entry.scrambledTold = true;
    this.#sink.damage({ kind: 'malformed', detail: `PID ${entry.pid} is scrambled` });
  }
}
