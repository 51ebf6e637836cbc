import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import { after, millis } from '../../units/time.ts';

/**
 * Whoever waits for a segment waits so long. It is told when it ends, and with one keyframe in 10 s that is 20 s after the first frame; a source
 * without any has its first one after 30 s and the next after 30 more. Some captures never come to one.
 */
const segmentWithin = millis(60_000);

interface Line {
  /** The end of the last segment. */
  end: Ticks | undefined;
  /** The start of the first segment of the present capture. */
  first: Ticks | undefined;
  /** What was published of the stream since that end was published here: a hole behind it is missing video. */
  unbroken: boolean;
  /** Segments of the present capture may lie beside its predecessor's. */
  overlaps: boolean;
  readonly waiting: Set<(start: Ticks | undefined) => void>;
}

/** A hole between two segments that this server published one after the other, 90 kHz. */
export interface Hole {
  readonly from: Ticks;
  readonly to: Ticks;
}

/** What this server has published of each stream, as its captures tell: where it ends, and where it goes on. */
export class Timelines {
  readonly #clock: Clock;
  readonly #lines = new Map<StreamName, Line>();
  #news = new Map<StreamName, { readonly start: Ticks; readonly end: Ticks }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The end of what this process published last. */
  end(stream: StreamName): Ticks | undefined {
    return this.#lines.get(stream)?.end;
  }

  /** The ends of all streams that it published. */
  *allEnds(): Generator<readonly [StreamName, Ticks]> {
    for (const [stream, { end }] of this.#lines) if (end !== undefined) yield [stream, end];
  }

  /** The end of the stream, if what comes next should go on there. */
  unbrokenEnd(stream: StreamName): Ticks | undefined {
    const line = this.#lines.get(stream);
    return line?.unbroken === true ? line.end : undefined;
  }

  /** A capture begins. */
  begins(stream: StreamName, overlaps: boolean): void {
    const line = this.#line(stream);
    line.first = undefined;
    line.overlaps = overlaps;
  }

  /** A capture ends: those who wait for a segment of it get none. */
  ends(stream: StreamName): void {
    const line = this.#line(stream);
    line.first = undefined;
    this.#answer(line, undefined);
  }

  /** Another server has published since, or the time was taken anew; what comes next does not go on behind what this one published. */
  breaks(stream: StreamName): void {
    this.#line(stream).unbroken = false;
  }

  /** Those whose next segment should go on behind the last. */
  unbroken(): StreamName[] {
    return [...this.#lines].filter(([, line]) => line.unbroken).map(([stream]) => stream);
  }

  /** What this process publishes first should go on where its life before ended. */
  goesOnBehind(stream: StreamName, end: Ticks): void {
    const line = this.#line(stream);
    line.end = end;
    line.unbroken = true;
  }

  /** A segment is published. Returns the hole before it, if nobody waited to tell of it. */
  segment(stream: StreamName, start: Ticks, end: Ticks): Hole | undefined {
    const line = this.#line(stream);
    const isTold = line.waiting.size > 0 || (line.overlaps && line.first === undefined);
    const before = line.unbroken && !isTold ? line.end : undefined;
    line.first ??= start;
    line.end = end;
    this.#news.set(stream, { start, end });
    line.unbroken = true;
    this.#answer(line, start);
    return before === undefined || start <= before ? undefined : { from: before, to: start };
  }

  /** The newest segment of each stream that has one since this was asked last. */
  takeNews(): ReadonlyMap<StreamName, { readonly start: Ticks; readonly end: Ticks }> {
    const news = this.#news;
    this.#news = new Map();
    return news;
  }

  /** Whether somebody waits for the next segment, to tell what was missing before it. */
  isAwaited(stream: StreamName): boolean {
    return (this.#lines.get(stream)?.waiting.size ?? 0) > 0;
  }

  /** The start of the present capture's first segment, now or as soon as it is there; undefined when there will be none in time. */
  first(stream: StreamName): Promise<Ticks | undefined> {
    const { first } = this.#line(stream);
    return first === undefined ? this.next(stream) : Promise.resolve(first);
  }

  /** The start of the next segment; undefined when the capture ends before, or none comes in time. */
  next(stream: StreamName): Promise<Ticks | undefined> {
    const { waiting } = this.#line(stream);
    return new Promise((resolve) => {
      const answer = (start: Ticks | undefined): void => {
        waiting.delete(answer);
        cancel();
        resolve(start);
      };
      const cancel = this.#clock.setTimer(after(this.#clock.monotonic(), segmentWithin), () => answer(undefined));
      waiting.add(answer);
    });
  }

  close(): void {
    for (const line of this.#lines.values()) this.#answer(line, undefined);
  }

  #answer({ waiting }: Line, start: Ticks | undefined): void {
    for (const answer of [...waiting]) answer(start);
  }

  #line(stream: StreamName): Line {
    const known = this.#lines.get(stream);
    if (known !== undefined) return known;
    const line: Line = { end: undefined, first: undefined, unbroken: false, overlaps: false, waiting: new Set() };
    this.#lines.set(stream, line);
    return line;
  }
}
