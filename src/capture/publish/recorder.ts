import type { FirstPlace } from '../../facts/protocol.ts';
import type { Fragment } from '../../hls/fragmenter.ts';
import type { InitSegment, LiveSegment } from '../../hls/live-window.ts';
import type { SegmentGrid } from '../../hls/segment-grid.ts';
import type { Segment, Segmenter } from '../../hls/segmenter.ts';
import type { Track } from '../../media/track.ts';
import { timescale90k } from '../../units/ticks.ts';
import { type RecordedFragment, shifted } from '../run/recorded-fragment.ts';
import type { RunWriter } from '../run/run-writer.ts';
import { Handover, type Successor, segmenterAt } from './handover.ts';
import type { Publisher } from './publisher.ts';

export interface RecorderOptions {
  readonly grid: SegmentGrid;
  readonly writer: RunWriter;
  readonly publisher: Publisher;
  /** Publish nothing until the predecessor's timeline is adopted. */
  readonly adopting: boolean;
  readonly place: FirstPlace;
  /** The disk does not take the segment of this number, or a part of it. */
  readonly lost: (number: number) => void;
  /** UTC of the group, 90 kHz. */
  readonly now: () => number;
  readonly continued: (successor: Successor) => void;
}

/**
 * What was published by a clock that ran ahead is waited for; from here on that would lose too much. Then what follows lies where viewers
 * are, ahead of time, until the next hole: a list may not go back.
 */
const farthestAheadTicks = 10 * timescale90k;

/** By so much two inputs of one camera may differ, and a picture's length: one that takes the other's place is moved rather than made to wait. */
const mostOverlapTicks = timescale90k / 2;

/** What became of a fragment. `lost`: the disk doesn't take it; go on with a keyframe. */
export type Recorded = 'inside' | 'border' | 'lost';

/** Lives as long as a capture, over all its inputs: gives every fragment its place in a file and in a segment. */
export class Recorder {
  readonly #options: RecorderOptions;
  #handover: Handover | undefined;
  #segmenter: Segmenter<RecordedFragment>;
  /** From the input's own times to the group's timeline, 90 kHz; until the next hole. */
  #shift = 0;
  /** End of what is recorded, on the group's timeline: nothing may lie before it. */
  #end: number;
  /** Frames came before it was known where the timeline ends, and all that came so far lies before that. */
  #openedEarly = false;
  /** Ended by a break before time had reached its number. */
  #early: { readonly segment: Segment<RecordedFragment>; readonly init: InitSegment | undefined } | undefined;
  #lastBorder = Number.NEGATIVE_INFINITY;
  #joins = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { grid, adopting, place } = options;
    this.#segmenter = segmenterAt(grid, place);
    this.#end = place.notBefore ?? Number.NEGATIVE_INFINITY;
    this.#handover = adopting ? new Handover(grid, place) : undefined;
  }

  /** Whether viewers see this capture: it doesn't wait for a predecessor. */
  get publishes(): boolean {
    return this.#handover === undefined;
  }

  get shift(): number {
    return this.#shift;
  }

  /** Whether the timeline may begin, or begin again behind a hole, at this time of the input. */
  accepts(start: number): boolean {
    if (this.#handover !== undefined) return true;
    const overlap = this.#end - start;
    const joins = this.#joins && overlap > 0 && overlap <= mostOverlapTicks;
    if (joins || this.#end - this.#options.now() > farthestAheadTicks) this.#shift = overlap;
    const accepted = start + this.#shift >= this.#end && this.#segmenter.accepts(start + this.#shift, true);
    if (accepted) this.#joins = false;
    return accepted;
  }

  /** At the hole that follows, another input takes the place of the one that ran, at a keyframe that has just come: nothing need be missing. */
  joins(): void {
    const { open } = this.#segmenter;
    // Its own keyframe may have come first. Cut behind that, where numbers are ahead of time already, the next would wait for another one.
    const hasJustBegun = open !== undefined && this.#end - open.start <= mostOverlapTicks;
    if (hasJustBegun && this.#segmenter.isAheadAt(this.#end)) this.#segmenter.withdraw();
    this.#joins = true;
  }

  /** Without video: whether a fragment should be broken here, for a segment to start. */
  isBorder(start: number): boolean {
    return this.#segmenter.open !== undefined && this.#segmenter.isBorder(start + this.#shift, true);
  }

  /** Codec parameters of what follows. */
  useTracks(tracks: readonly Track[]): void {
    this.#publishReached(this.#segmenter.cut());
    this.#options.writer.useTracks(tracks);
  }

  /** Something is missing between what was recorded and what follows, whose times are another anchor's. */
  hole(): void {
    this.#publishReached(this.#segmenter.cut());
    this.#handover?.clear();
    this.#shift = 0;
    this.#options.writer.endRuns('hole');
  }

  /** The capture ends, and with it the segment in the making. */
  finish(publishRest: boolean): void {
    const segment = this.#handover === undefined ? this.#segmenter.cut() : undefined;
    if (!publishRest) return;
    this.#publishReached(segment);
    if (this.#early !== undefined && this.#hasReached(this.#early.segment)) this.#publishEarly();
  }

  /** A fragment begins there, to be recorded later: the segment that it ends need not wait for it. */
  begins(start: number, startsSegment: boolean): void {
    if (this.#handover === undefined && this.#segmenter.open !== undefined) {
      this.#publish(this.#segmenter.endBefore(start + this.#shift, startsSegment));
    }
  }

  fragment(fragment: Fragment): Recorded {
    return this.#handover === undefined ? this.#record(fragment) : this.#collect(this.#handover, fragment);
  }

  /** The predecessor's newest window. */
  adopt(segments: readonly LiveSegment[]): void {
    this.#handover?.offer(segments);
    this.#continue(this.#handover?.resolve());
  }

  /** The predecessor is gone: publish behind what it published. */
  ownTimeline(place: FirstPlace): void {
    if (this.#handover === undefined) return;
    this.#end = place.notBefore ?? this.#end;
    this.#continue(this.#handover.onOwnTimeline({ ...place, notBefore: this.#end }));
  }

  /** Viewers elsewhere were shown segments up to this number. */
  leapBehind(number: number): void {
    // A successor that still waits for its predecessor goes by that one's numbers.
    if (this.#handover === undefined) this.#segmenter.leapBehind(number, this.#options.now());
  }

  #hasReached({ number, end }: Segment<RecordedFragment>): boolean {
    const { grid, now } = this.#options;
    return number <= Math.max(grid.numberAt(end), grid.numberAt(now()));
  }

  #record(fragment: Fragment): Recorded {
    const { writer } = this.#options;
    const start = fragment.start + this.#shift;
    const isRepeated = this.#openedEarly && start < this.#end;
    if (isRepeated || !this.#segmenter.accepts(start, fragment.startsSegment)) {
      writer.forget(fragment);
      return 'lost';
    }
    // A next segment is accepted when time has reached the number of the one before.
    this.#publishEarly();
    this.#publish(this.#segmenter.endBefore(start, fragment.startsSegment));
    const border = this.#segmenter.open === undefined;
    if (border && writer.isFull(fragment.start)) writer.startRun();
    const number = this.#segmenter.numberOf(start);
    const recorded = writer.write(fragment, { shift: this.#shift, number, beginsSegment: border });
    if (recorded === undefined) return this.#lose(start);
    this.#segmenter.push(shifted(recorded, this.#shift));
    this.#openedEarly = false;
    this.#end = Math.max(this.#end, fragment.end + this.#shift);
    return border ? 'border' : 'inside';
  }

  #collect(handover: Handover, fragment: Fragment): Recorded {
    const recorded = this.#options.writer.write(fragment, { shift: 0, number: undefined, beginsSegment: false });
    if (recorded === undefined) {
      handover.clear();
      return this.#lose(fragment.start);
    }
    handover.push(recorded);
    if (!recorded.startsSegment) return 'inside';
    this.#continue(handover.resolve());
    if (recorded.start - this.#lastBorder < this.#options.grid.duration) return 'inside';
    this.#lastBorder = recorded.start;
    return 'border';
  }

  #lose(start: number): Recorded {
    this.#options.lost(this.#segmenter.open?.number ?? this.#options.grid.numberAt(start));
    this.#segmenter.drop();
    this.#options.writer.endRuns('hole');
    return 'lost';
  }

  #continue(successor: Successor | undefined): void {
    if (successor === undefined) return;
    this.#handover = undefined;
    this.#segmenter = successor.segmenter;
    this.#shift = successor.shift;
    this.#end = Math.max(this.#end, successor.ended.at(-1)?.end ?? this.#end);
    this.#openedEarly = successor.segmenter.open === undefined;
    // On the timeline of others, the archive's run would go back.
    this.#options.writer.joinsTimeline();
    for (const segment of successor.ended) this.#publishReached(segment);
    if (successor.segmenter.open !== undefined) this.#publishEarly();
    this.#options.continued(successor);
  }

  /**
   * Whoever goes by the time alone begins with a number that time has not reached: one that a break ended so early waits for the next
   * segment, and is nobody's when none comes.
   */
  #publishReached(segment: Segment<RecordedFragment> | undefined): void {
    if (segment === undefined) return;
    this.#publishEarly();
    if (this.#hasReached(segment)) this.#publish(segment);
    else this.#early = { segment, init: this.#initOf(segment) };
  }

  #publishEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#options.publisher.segment(early.segment, early.init);
  }

  #publish(segment: Segment<RecordedFragment> | undefined): void {
    if (segment !== undefined) this.#options.publisher.segment(segment, this.#initOf(segment));
  }

  #initOf(segment: Segment<RecordedFragment>): InitSegment | undefined {
    return this.#options.writer.initOf(segment.fragments[0]?.init ?? '');
  }
}
