import { rescale, type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import { type Frame, ownFrame } from '../frame.ts';
import type { Damage, MediaSink, Track, UnsupportedTrack } from '../track.ts';

/** Audio that is late behind a complete video track is this late at most, in 90 kHz: muxers interleave within a second. */
const audioWait = 2 * timescale90k;
/** Video shows its parameter sets once a GOP, and there are sources with GOPs of ten seconds. */
const videoWait = 12 * timescale90k;
/** What is held while waiting: two seconds at 32 Mbit/s, and frames that are small or whose clock stands still. */
const largestHold = 8 * 1024 * 1024;
const mostHeld = 2000;

/** A stream of the program that will be a track once its parameters are known. */
export interface TrackSlot {
  readonly kind: Track['kind'];
  track: Track | undefined;
  /** Among the announced tracks. */
  index: number | undefined;
}

export function trackSlot(kind: Track['kind']): TrackSlot {
  return { kind, track: undefined, index: undefined };
}

interface HeldFrame {
  readonly slot: TrackSlot;
  readonly frame: Frame;
}

/**
 * Announces the tracks together once all are known, holding the frames until then; a track that doesn't come is not waited for
 * for ever, and is announced with the others when it comes after all.
 */
export class TrackGate {
  readonly #sink: MediaSink;
  #slots: readonly TrackSlot[] = [];
  #unsupported: readonly UnsupportedTrack[] = [];
  #open = false;
  #announced: readonly (Track | UnsupportedTrack)[] | undefined;
  #held: HeldFrame[] = [];
  #heldBytes = 0;
  /** Decode time of the first frame held of each stream. */
  #heldSince = new Map<TrackSlot, Ticks>();

  constructor(sink: MediaSink) {
    this.#sink = sink;
  }

  /** The streams of the program, in its order; those of before may be among them. */
  expect(slots: readonly TrackSlot[], unsupported: readonly UnsupportedTrack[]): void {
    this.#release();
    for (const slot of this.#slots) slot.index = undefined;
    this.#slots = slots;
    this.#unsupported = unsupported;
    this.#open = false;
    if (this.#complete()) this.#announce();
  }

  track(slot: TrackSlot, track: Track): void {
    slot.track = track;
    if (this.#open || this.#complete()) this.#announce();
  }

  frame(slot: TrackSlot, dts: Ticks, pts: Ticks, keyframe: boolean, units: readonly Uint8Array[]): void {
    if (this.#open && slot.index !== undefined) {
      this.#sink.frame({ track: slot.index, dts, pts, keyframe, units });
      return;
    }
    if (!this.#open && this.#slots.includes(slot)) this.#hold(slot, { track: 0, dts, pts, keyframe, units });
  }

  damage(damage: Damage): void {
    this.#sink.damage(damage);
  }

  /** The source has ended: what is known is all that there is. */
  flush(): void {
    this.#release();
  }

  #complete(): boolean {
    return this.#slots.every((slot) => slot.track !== undefined);
  }

  #hold(slot: TrackSlot, frame: Frame): void {
    this.#held.push({ slot, frame: ownFrame(frame) });
    this.#heldBytes += frame.units.reduce((sum, unit) => sum + unit.length, 0);
    const full = this.#heldBytes > largestHold || this.#held.length > mostHeld;
    const waitsForVideo = this.#slots.some(({ kind, track }) => kind === 'video' && track === undefined);
    if (full || this.#heldSpan(slot, frame.dts) > (waitsForVideo ? videoWait : audioWait)) this.#announce();
  }

  /** Of media in `slot`, in 90 kHz. A clock that jumps counts as time gone by: it can't hold up the others. */
  #heldSpan(slot: TrackSlot, dts: Ticks): number {
    const first = this.#heldSince.get(slot) ?? dts;
    this.#heldSince.set(slot, first);
    return Math.abs(rescale(ticks(dts - first), slot.track?.timescale ?? timescale90k, timescale90k));
  }

  #release(): void {
    if (this.#held.length > 0) this.#announce();
  }

  #announce(): void {
    this.#open = true;
    const known = this.#slots.filter((slot) => slot.track !== undefined);
    for (const slot of this.#slots) slot.index = slot.track === undefined ? undefined : known.indexOf(slot);
    const tracks = known.flatMap(({ track }) => track ?? []);
    const all = [...tracks, ...this.#unsupported];
    if (!sameList(all, this.#announced)) this.#sink.tracks(tracks, this.#unsupported);
    this.#announced = all;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldSince.clear();
    for (const { slot, frame } of held) {
      if (slot.index !== undefined) this.#sink.frame({ ...frame, track: slot.index });
    }
  }
}

function sameList(
  a: readonly (Track | UnsupportedTrack)[],
  b: readonly (Track | UnsupportedTrack)[] | undefined,
): boolean {
  if (a.length !== b?.length) return false;
  return a.every((track, i) => {
    const other = b[i];
    return (
      track === other || (track.kind === 'unsupported' && other?.kind === track.kind && other.codec === track.codec)
    );
  });
}
