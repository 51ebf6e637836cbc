import type { EndReason } from '../../archive/index/closing.ts';
import type { FragmentFacts } from '../../archive/recording/run-recording.ts';
import type { Fragment } from '../../hls/fragmenter.ts';
import type { InitSegment } from '../../hls/live-window.ts';
import { isVcl, nalType } from '../../media/codec/h264.ts';
import { type FragmentPiece, type Fragment as WrittenFragment, writeFragment } from '../../media/mp4/fragment.ts';
import { trackId, writeInit } from '../../media/mp4/init.ts';
import { unitsOf } from '../../media/mp4/sample-layout.ts';
import type { Track } from '../../media/track.ts';
import type { TimedFrame } from '../../timeline/timed-frame.ts';
import { ticks, timescale90k } from '../../units/ticks.ts';
import type { ArchiveWriter } from '../archive/archive-writer.ts';
import type { Digest } from './digest.ts';
import { initSegment } from './init-segment.ts';
import type { RecordedFragment } from './recorded-fragment.ts';
import { Run } from './run.ts';
import type { RunStore } from './run-store.ts';
import type { WriteBudget } from './write-budget.ts';

/**
 * A file goes when the newest of its segments is no longer among those that are kept. With three segments of 2 s in each that is 26 s after
 * its beginning: before most systems write it to the disk (30 s). With one in each, 8 % less would be kept, but the making of files becomes
 * dear: ext4 passes over every inode that was freed in the last minute when it looks for another.
 */
const longestRunTicks = 6 * 90_000;
/** What an index has room for. */
const archivedHashDigits = 16;
/** Behind this a silent track is not about to go on. */
const longestLagSeconds = 5;

export interface RunWriterOptions {
  readonly digest: Digest;
  readonly store: RunStore;
  readonly budget: WriteBudget;
  readonly archive: ArchiveWriter;
  /** Of the capture's n-th run. */
  readonly pathOf: (run: number) => string;
  readonly started: (run: Run) => void;
  readonly failed: (run: Run, error: unknown) => void;
}

/** Where a fragment lies on the group's timeline. */
export interface FragmentPlace {
  /** From its own times, 90 kHz. */
  readonly shift: number;
  /** Of its segment; absent while a predecessor's numbers are not known yet. */
  readonly number: number | undefined;
  readonly beginsSegment: boolean;
}

/**
 * Turns fragments into bytes, once, and writes these to run files of the scratch folder and, where the stream has one, of the archive. A run of
 * the scratch folder is ended by `startRun`, by other codec parameters, or by a failed write; `endRuns` ends that of the archive, too.
 */
export class RunWriter {
  readonly #options: RunWriterOptions;
  #tracks: readonly Track[] = [];
  #init: InitSegment | undefined;
  #initBytes: Uint8Array = new Uint8Array(0);
  /** The parameters before the present ones: a segment in the making may need them. */
  #lastInit: InitSegment | undefined;
  #run: Run | undefined;
  #runStart = 0;
  #origin: readonly number[] = [];
  /** Where each track stopped, in its ticks. */
  #ends: number[] = [];
  #fragments = 0;
  #runs = 0;

  constructor(options: RunWriterOptions) {
    this.#options = options;
  }

  /** What the fragments of this id need; of the present and the last parameters. */
  initOf(id: string): InitSegment | undefined {
    return [this.#init, this.#lastInit].find((init) => init?.id === id);
  }

  useTracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
    this.#lastInit = this.#init;
    this.#initBytes = writeInit(tracks);
    this.#init = initSegment(tracks, this.#initBytes, this.#options.digest);
    this.#ends = [];
    this.endRuns('parameters');
  }

  /** The next fragment begins a new file. */
  startRun(): void {
    const ended = this.#run;
    this.#run = undefined;
    void ended?.close();
  }

  /** What follows does not belong behind what was written. */
  endRuns(reason: EndReason): void {
    this.startRun();
    this.#options.archive.end(reason);
  }

  /** What follows has the predecessor's times. */
  joinsTimeline(): void {
    this.#options.archive.endAtKeyframe('handover');
  }

  /** Whether a segment that starts there should better begin a new file. */
  isFull(start: number): boolean {
    return this.#run !== undefined && (this.#run.broken || start - this.#runStart >= longestRunTicks);
  }

  /** Absent when the disk doesn't take it; then the next keyframe begins a new run. */
  write(fragment: Fragment, place: FragmentPlace): RecordedFragment | undefined {
    const init = this.#init;
    if (init === undefined || this.#options.budget.exhausted || this.#run?.broken === true) {
      this.forget(fragment);
      return undefined;
    }
    this.#beginArchived(fragment, place.shift);
    const run = this.#run ?? this.#begin(fragment);
    const hash = fragment.startsSegment ? this.#hash(fragment) : '';
    const { parts, byteLength, decodeTimes } = this.#encode(fragment.tracks);
    const free = onSecondCall(() => this.forget(fragment));
    this.#options.archive.append({ ...factsOf(fragment, place), hash: hash.slice(0, archivedHashDigits) }, parts, free);
    return {
      run,
      offset: run.append(parts, byteLength, free),
      length: byteLength,
      start: fragment.start,
      end: fragment.end,
      startsSegment: fragment.startsSegment,
      init: init.id,
      hash,
      decodeTimes: decodeTimes.map(({ at, track }) => ({
        at,
        dts: fragment.tracks[track]?.[0]?.dts ?? 0,
        timescale: this.#tracks[track]?.timescale ?? timescale90k,
      })),
    };
  }

  /** Its frames are needed no more. */
  forget(fragment: Fragment): void {
    for (const frames of fragment.tracks) for (const { memory } of frames) memory.release();
  }

  #encode(frames: readonly (readonly TimedFrame[])[]): WrittenFragment {
    this.#fragments += 1;
    const pieces = frames.flatMap((list, track) => this.#piece(list, track) ?? []);
    return writeFragment(this.#fragments, pieces);
  }

  #piece(frames: readonly TimedFrame[], track: number): FragmentPiece | undefined {
    const last = frames.at(-1);
    const kind = this.#tracks[track]?.kind;
    if (last === undefined || kind === undefined) return undefined;
    this.#ends[track] = last.dts + last.duration;
    return { track, kind, samples: frames, origin: this.#origin[track] ?? 0 };
  }

  #begin(fragment: Fragment): Run {
    const { store, budget, pathOf, failed, started } = this.#options;
    this.#runs += 1;
    const run: Run = new Run({ path: pathOf(this.#runs), store, budget, failed: (error) => failed(run, error) });
    this.#run = run;
    this.#runStart = fragment.start;
    // What the archive has is the same bytes, counted from the beginning of its run.
    if (!this.#options.archive.isRecording) this.#count(fragment);
    started(run);
    // A run is a whole file, which plays by itself.
    run.append([this.#initBytes], this.#initBytes.length);
    return run;
  }

  #beginArchived(fragment: Fragment, shift: number): void {
    const { archive } = this.#options;
    const start = fragment.start + shift;
    if (!archive.begins(start, fragment.startsSegment)) return;
    this.#count(fragment);
    const tracks = this.#tracks.map(({ timescale }, i) => {
      return { id: trackId(i), timescale, origin: ticks(this.#origin[i] ?? 0) };
    });
    archive.begin({ start, init: this.#initBytes, tracks });
  }

  /** Fragments and decode times from this one on. */
  #count(fragment: Fragment): void {
    this.#fragments = 0;
    this.#origin = this.#originOf(fragment.tracks);
  }

  /** The earliest decode time that the run will have, in the ticks of each track. */
  #originOf(frames: readonly (readonly TimedFrame[])[]): number[] {
    const starts = frames.flatMap(([first]) => (first === undefined ? [] : [this.#seconds(first.track, first.dts)]));
    const first = Math.min(...starts);
    // A track that the source sends late has nothing in this fragment yet, and goes on where it stopped.
    const late = this.#ends.map((end, track) => this.#seconds(track, end));
    const earliest = Math.min(first, ...late.filter((end) => first - end < longestLagSeconds));
    // Dividing and multiplying may lose a little of a tick.
    return this.#tracks.map(({ timescale }) => Math.floor(earliest * timescale + 0.1));
  }

  #seconds(track: number, dts: number): number {
    return dts / (this.#tracks[track]?.timescale ?? timescale90k);
  }

  /** Of the coded picture alone: parameter sets and side data may come with one connection and not with another. */
  #hash(fragment: Fragment): string {
    // Video is the first track where there is any.
    const first = fragment.tracks.find((frames) => frames.length > 0)?.[0];
    const track = this.#tracks[first?.track ?? -1];
    if (first === undefined || track === undefined) return '';
    const units = unitsOf(first.sample, track);
    return this.#options.digest(track.kind === 'video' ? units.filter((unit) => isVcl(nalType(unit))) : units);
  }
}

function factsOf(fragment: Fragment, { shift, number, beginsSegment }: FragmentPlace): Omit<FragmentFacts, 'hash'> {
  return {
    start: ticks(fragment.start + shift),
    duration: ticks(fragment.end - fragment.start),
    segment: number,
    beginsSegment,
    keyframe: fragment.startsSegment,
    shift: ticks(shift),
  };
}

/** Two files take the bytes, each in its own time. */
function onSecondCall(job: () => void): () => void {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls === 2) job();
  };
}
