import type { SegmentLocation } from '../../facts/protocol.ts';
import type { InitSegment, LiveSegment, LiveWindow } from '../../hls/live-window.ts';
import { keptFor, keptSegments, LiveTail } from '../../hls/window.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { Listeners } from '../../units/listeners.ts';
import { after, type Millis } from '../../units/time.ts';

interface Entry {
  readonly tail: LiveTail;
  readonly segmentDuration: Millis;
  readonly locations: Map<number, SegmentLocation>;
  window: LiveWindow | undefined;
  cancelForget: (() => void) | undefined;
}

/** The live windows of the streams that this server captures, and for late viewers of those that it captured until just now. */
export class OwnWindows {
  /** Whose they are. */
  readonly server: ServerName;
  readonly #clock: Clock;
  readonly #entries = new Map<StreamName, Entry>();
  readonly #listeners = new Listeners<StreamName>();
  #revision: number;

  constructor(self: ServerName, clock: Clock) {
    this.server = self;
    this.#clock = clock;
    // Not from zero: whoever polled the life before must not take an equal number for no change.
    this.#revision = Math.floor(clock.wall() / 1000);
  }

  get(stream: StreamName): LiveWindow | undefined {
    return this.#entries.get(stream)?.window;
  }

  /** Whether the stream is captured here and its first segment is still to come. */
  isBeginning(stream: StreamName): boolean {
    const entry = this.#entries.get(stream);
    return entry !== undefined && entry.window === undefined && entry.cancelForget === undefined;
  }

  location(stream: StreamName, segment: number): SegmentLocation | undefined {
    return this.#entries.get(stream)?.locations.get(segment);
  }

  onChange(stream: StreamName, changed: () => void): () => void {
    return this.#listeners.add(stream, changed);
  }

  /** A capture begins; the tail of an earlier one that is still kept goes on. `target`: what players of the stream know, seconds. */
  begin(stream: StreamName, segmentDuration: Millis, target = 0): void {
    this.#open(stream, segmentDuration).tail.targetAtLeast(target);
  }

  #open(stream: StreamName, segmentDuration: Millis): Entry {
    const known = this.#entries.get(stream);
    if (known?.segmentDuration === segmentDuration) {
      known.cancelForget?.();
      known.cancelForget = undefined;
      return known;
    }
    known?.cancelForget?.();
    const entry: Entry = {
      tail: new LiveTail(segmentDuration),
      segmentDuration,
      locations: new Map(),
      window: undefined,
      cancelForget: undefined,
    };
    this.#entries.set(stream, entry);
    return entry;
  }

  init(stream: StreamName, init: InitSegment): void {
    this.#entries.get(stream)?.tail.init(init);
  }

  segment(stream: StreamName, segment: Omit<LiveSegment, 'holder'>, location: SegmentLocation): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    entry.locations.set(segment.number, location);
    for (const number of entry.locations.keys()) {
      if (entry.locations.size <= keptSegments) break;
      entry.locations.delete(number);
    }
    entry.tail.segment({ ...segment, holder: this.server });
    this.#publish(stream, entry);
  }

  /** What the predecessor of an overlapping handover has published so far. */
  precededBy(stream: StreamName, window: LiveWindow): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    entry.tail.precededBy(window);
    this.#publish(stream, entry);
  }

  /** The capture has ended: its segments stay for as long as a list can name them. */
  end(stream: StreamName): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined || entry.cancelForget !== undefined) return;
    const forgetAt = after(this.#clock.monotonic(), keptFor(entry.segmentDuration));
    entry.cancelForget = this.#clock.setTimer(forgetAt, () => {
      this.#entries.delete(stream);
      this.#listeners.tell(stream);
    });
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.cancelForget?.();
    this.#entries.clear();
  }

  #publish(stream: StreamName, entry: Entry): void {
    const { window } = entry.tail;
    if (window === undefined || window.revision === 0) return;
    entry.window = { ...window, revision: ++this.#revision };
    this.#listeners.tell(stream);
  }
}
