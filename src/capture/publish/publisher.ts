import type { WorkerFact } from '../../facts/protocol.ts';
import type { InitSegment } from '../../hls/live-window.ts';
import type { Segment } from '../../hls/segmenter.ts';
import { keptSegments } from '../../hls/window.ts';
import type { RecordedFragment } from '../run/recorded-fragment.ts';
import type { Run } from '../run/run.ts';
import { liveSegment, segmentLocation } from './segment-fact.ts';

/** A fact without the names of its capture, which the capture adds. */
export type CaptureFactBody = WorkerFact extends infer F
  ? F extends { readonly attempt: number }
    ? Omit<F, 'stream' | 'attempt'>
    : never
  : never;

export interface PublisherOptions {
  readonly tell: (fact: CaptureFactBody) => void;
  readonly remove: (run: Run) => void;
  /** A segment waits for the disk. */
  readonly awaits: () => void;
  /** What became of the segment of this number: published, or the disk did not take it. */
  readonly settled: (number: number, published: boolean) => void;
}

/** Tells segments once their bytes can be read, in order, each init before its first segment; lets run files go that no viewer asks for. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #kept: Run[] = [];
  readonly #runs: Run[] = [];
  #toldInit: string | undefined;
  /** The newest segment did not get to the disk. */
  #lost = false;
  #owesReady = false;
  #order: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Runs are told in the order of their making. */
  started(run: Run): void {
    this.#runs.push(run);
  }

  segment(segment: Segment<RecordedFragment>, init: InitSegment | undefined): void {
    const last = segment.fragments.at(-1);
    if (last === undefined) return;
    const written = last.run.written(last.offset + last.length);
    this.#options.awaits();
    this.#enqueue(async () => {
      const published = await written;
      this.#lost = !published;
      if (published) this.#publish(segment, init, last.run);
      this.#options.settled(segment.number, published);
    });
  }

  /** The timeline goes on from a predecessor's: told behind the segments so far, or, if the disk lost the last one, behind the next. */
  ready(): void {
    this.#enqueue(async () => {
      this.#owesReady = this.#lost;
      if (!this.#owesReady) this.#options.tell({ type: 'ready' });
    });
  }

  /** Comes behind the segments that were published before it. */
  tell(fact: CaptureFactBody): void {
    this.#enqueue(async () => this.#options.tell(fact));
  }

  /** Resolves when everything so far is told. */
  settled(): Promise<void> {
    return this.#order;
  }

  /** Nothing more of this run will be published: it goes, unless a kept segment lies in it. */
  discard(run: Run): void {
    this.#enqueue(async () => {
      if (this.#kept.includes(run)) return;
      const at = this.#runs.indexOf(run);
      if (at >= 0) this.#runs.splice(at, 1);
      this.#options.remove(run);
    });
  }

  removeAll(): void {
    for (const run of this.#runs.splice(0)) this.#options.remove(run);
    this.#kept.length = 0;
  }

  #enqueue(job: () => Promise<void>): void {
    this.#order = this.#order.then(job);
  }

  #publish(segment: Segment<RecordedFragment>, init: InitSegment | undefined, run: Run): void {
    if (init !== undefined && init.id !== this.#toldInit) this.#options.tell({ type: 'init', init });
    this.#toldInit = init?.id;
    this.#options.tell({ type: 'segment', segment: liveSegment(segment), location: segmentLocation(segment) });
    if (this.#owesReady) this.#options.tell({ type: 'ready' });
    this.#owesReady = false;
    this.#kept.push(run);
    if (this.#kept.length > keptSegments) this.#kept.shift();
    while (this.#runs[0] !== undefined && this.#runs[0] !== this.#kept[0]) {
      const gone = this.#runs.shift();
      if (gone !== undefined) this.#options.remove(gone);
    }
  }
}
