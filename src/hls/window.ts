// The tail of a stream's timeline, as its owner tells it to everyone.
//
// LiveTail: one for each stream that this server captures. `init` and `segment` with what a capture's facts say (in that order: a segment's
// init comes first), `precededBy` with the newest window that is known of the predecessor, before or after own segments. `window` is what
// to publish; it is absent before the first own segment.
import { timescale90k } from '../units/ticks.ts';
import { type Millis, millis } from '../units/time.ts';
import type { InitSegment, LiveSegment, LiveWindow } from './live-window.ts';

/** A playlist lists at most so many: 16 s of 2 s segments, of which players hold the last three. */
export const listLength = 8;
/** What is listed, and two more for viewers who read an old list. */
export const keptSegments = listLength + 2;

/** For how long segments are kept behind the end of a capture: its successor lists them behind holes that together are shorter than a list, and until it has a list of its own. */
export function keptFor(segmentDuration: Millis): Millis {
  return millis((listLength + keptSegments) * segmentDuration);
}

/** A stream's live window at its owner: own segments, and the predecessor's before them as long as they are consecutive. */
export class LiveTail {
  readonly #own = new Map<number, LiveSegment>();
  readonly #inits = new Map<string, InitSegment>();
  #before: readonly LiveSegment[] = [];
  /** Seconds; never shrinks, for players take it as constant. */
  #target: number;
  /** What is missing in a list, 90 kHz: less than this. */
  readonly #missing: number;
  #revision = 0;
  #window: LiveWindow | undefined;

  /** `segmentDuration`: the configured one. */
  constructor(segmentDuration: Millis) {
    this.#target = Math.round((2 * segmentDuration) / 1_000);
    this.#missing = (listLength * segmentDuration * timescale90k) / 1_000;
  }

  get window(): LiveWindow | undefined {
    return this.#window;
  }

  /** Follows what another server published; repeated while it goes on. */
  precededBy(window: LiveWindow): void {
    for (const init of window.inits) this.#inits.set(init.id, init);
    this.#before = window.segments;
    this.targetAtLeast(window.targetDuration);
    if (this.#own.size > 0) this.#rebuild();
  }

  /** Players of the predecessor's list know this target duration, seconds; its long segments may have left the list since. */
  targetAtLeast(seconds: number): void {
    this.#target = Math.max(this.#target, seconds);
  }

  init(init: InitSegment): void {
    this.#inits.set(init.id, init);
  }

  segment(segment: LiveSegment): void {
    this.#own.set(segment.number, segment);
    for (const number of this.#own.keys()) {
      if (this.#own.size <= listLength) break;
      this.#own.delete(number);
    }
    this.#rebuild();
  }

  #rebuild(): void {
    const segments = consecutiveTail(merged(this.#before, [...this.#own.values()]), this.#missing);
    const used = new Set(segments.map((segment) => segment.init));
    for (const id of this.#inits.keys()) if (!used.has(id) && this.#inits.size > listLength) this.#inits.delete(id);
    this.#target = Math.max(this.#target, ...segments.map((segment) => Math.round(segment.duration / timescale90k)));
    this.#revision += 1;
    this.#window = {
      revision: this.#revision,
      targetDuration: this.#target,
      segments,
      inits: [...this.#inits.values()].filter((init) => used.has(init.id)),
      bandwidth: bandwidth(segments),
    };
  }
}

/**
 * One list of both. Where both have a number, the text stays what the predecessor told and the bytes are one's own: they outlive it.
 * What the predecessor alone has told stays its own, also when it is newer: a list never goes back.
 */
function merged(before: readonly LiveSegment[], own: readonly LiveSegment[]): LiveSegment[] {
  const byNumber = new Map(before.map((segment) => [segment.number, segment]));
  for (const segment of own) {
    const told = byNumber.get(segment.number);
    const same = told !== undefined && told.init === segment.init;
    byNumber.set(segment.number, same ? { ...segment, start: told.start, duration: told.duration } : segment);
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/**
 * The last of them that have consecutive numbers: behind a number that was left out the list starts anew. It reaches back over holes that together
 * are shorter than `missing`: their holders keep them no longer (`keptFor`), and who enters is not to begin with what is old.
 */
function consecutiveTail(segments: readonly LiveSegment[], missing: number): LiveSegment[] {
  let from = Math.max(0, segments.length - 1);
  let holes = 0;
  while (from > 0 && segments.length - from < listLength) {
    const [before, first] = [segments[from - 1], segments[from]];
    if (before === undefined || first === undefined || before.number !== first.number - 1) break;
    holes += Math.max(0, first.start - before.start - before.duration);
    if (holes >= missing) break;
    from -= 1;
  }
  return segments.slice(from);
}

function bandwidth(segments: readonly LiveSegment[]): LiveWindow['bandwidth'] {
  const rate = (bytes: number, duration: number): number =>
    Math.ceil((bytes * 8 * timescale90k) / Math.max(1, duration));
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const duration = segments.reduce((sum, segment) => sum + segment.duration, 0);
  const peak = Math.max(0, ...segments.map((segment) => rate(segment.bytes, segment.duration)));
  return { peak, average: rate(bytes, duration) };
}
