// ISO/IEC 13818-1: a transport stream, chopped anywhere, up to the frames of its first program that can be carried.
//
//   const demuxer = new TsDemuxer(sink);
//   demuxer.push(bytes);   as they come; synchronous; never throws on bad bytes
//   demuxer.flush();       at the end of the source: the last frames
//
// `sink.tracks` comes before the first frame, once the parameters of all tracks are known (a missing track is waited for in vain
// for a while only). The units of a frame are views of memory that is used again: they are valid until `sink.frame` returns.
// A picture is delivered when the next one begins. Video ticks are 90 kHz, audio ticks are samples, both on one unwrapped clock.
import type { MediaSink, UnsupportedTrack } from '../track.ts';
import { AacStream } from './aac-stream.ts';
import type { StreamOutput, StreamParser } from './elementary-stream.ts';
import { H264Stream } from './h264-stream.ts';
import { PesReader } from './pes.ts';
import { type PayloadReader, PidTable } from './pid-table.ts';
import { isUserPid, ProgramChoice } from './program-choice.ts';
import { type Pmt, parseSection, patPid } from './psi.ts';
import { SectionReader } from './section-reader.ts';
import { streamKind } from './stream-type.ts';
import { ProgramClock } from './timestamp.ts';
import { TrackGate, type TrackSlot, trackSlot } from './track-gate.ts';
import { PacketReader } from './ts-packet.ts';

interface ElementaryStream {
  readonly streamType: number;
  readonly slot: TrackSlot;
  readonly parser: StreamParser;
  readonly reader: PesReader;
}

export class TsDemuxer {
  readonly #gate: TrackGate;
  readonly #packets: PacketReader;
  readonly #pids: PidTable;
  readonly #choice = new ProgramChoice();
  readonly #clock = new ProgramClock();
  #mapPids: readonly number[] = [];
  /** Of the chosen program, by PID. */
  #streams = new Map<number, ElementaryStream>();
  #program: Pmt | undefined;

  constructor(sink: MediaSink) {
    this.#gate = new TrackGate(sink);
    this.#pids = new PidTable(sink);
    this.#packets = new PacketReader(this.#pids);
    this.#pids.set(patPid, this.#sections());
  }

  push(bytes: Uint8Array): void {
    this.#packets.push(bytes);
  }

  flush(): void {
    this.#packets.flush();
    for (const { reader, parser } of this.#streams.values()) {
      reader.flush();
      parser.flush();
    }
    this.#gate.flush();
  }

  #sections(): PayloadReader {
    return new SectionReader((bytes) => this.#section(bytes));
  }

  #section(bytes: Uint8Array): void {
    const section = parseSection(bytes);
    switch (section.kind) {
      case 'pat':
        this.#choice.programs(section.pat);
        this.#followMaps(this.#choice.mapPids());
        break;
      case 'pmt':
        this.#choice.map(section.pmt);
        break;
      case 'bad':
        this.#gate.damage({ kind: section.why, detail: `a section of table ${bytes[0]}` });
        return;
      case 'other':
        return;
    }
    const chosen = this.#choice.chosen();
    if (chosen !== undefined && !sameProgram(chosen, this.#program)) this.#select(chosen);
  }

  #followMaps(pids: readonly number[]): void {
    for (const pid of this.#mapPids) if (!pids.includes(pid)) this.#pids.delete(pid);
    for (const pid of pids) if (!this.#mapPids.includes(pid)) this.#pids.set(pid, this.#sections());
    this.#mapPids = pids;
  }

  /** Streams that go on under the same PID and type keep their state. */
  #select(pmt: Pmt): void {
    const before = this.#streams;
    const slots: TrackSlot[] = [];
    const unsupported: UnsupportedTrack[] = [];
    this.#streams = new Map();
    for (const { pid, streamType, descriptors } of pmt.streams) {
      if (!isUserPid(pid)) continue;
      const kind = streamKind({ pid, streamType, descriptors });
      if (kind.kind === 'unsupported') {
        unsupported.push({ kind: 'unsupported', codec: kind.codec });
        continue;
      }
      const kept = before.get(pid);
      const stream = kept?.streamType === streamType ? kept : this.#open(kind.kind, streamType);
      this.#streams.set(pid, stream);
      slots.push(stream.slot);
      if (stream !== kept) this.#pids.set(pid, stream.reader);
    }
    for (const pid of before.keys()) if (!this.#streams.has(pid)) this.#pids.delete(pid);
    this.#program = pmt;
    this.#gate.expect(slots, unsupported);
  }

  #open(kind: 'h264' | 'aac', streamType: number): ElementaryStream {
    const slot = trackSlot(kind === 'h264' ? 'video' : 'audio');
    const gate = this.#gate;
    const output: StreamOutput = {
      track: (track) => gate.track(slot, track),
      frame: (dts, pts, keyframe, units) => gate.frame(slot, dts, pts, keyframe, units),
      damage: (damage) => gate.damage(damage),
    };
    const parser = kind === 'h264' ? new H264Stream(this.#clock, output) : new AacStream(this.#clock, output);
    return { streamType, slot, parser, reader: new PesReader(parser) };
  }
}

/** The version alone won't do: some muxers change their map without counting it. */
function sameProgram(a: Pmt, b: Pmt | undefined): boolean {
  if (b === undefined || a.program !== b.program || a.streams.length !== b.streams.length) return false;
  return a.streams.every(
    ({ pid, streamType }, i) => pid === b.streams[i]?.pid && streamType === b.streams[i]?.streamType,
  );
}
