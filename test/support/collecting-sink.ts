import { type Frame, ownFrame } from '../../src/media/frame.ts';
import type { Damage, MediaSink, Track, UnsupportedTrack } from '../../src/media/track.ts';

/** Keeps what an input delivers, and lets a test wait for it. */
export class CollectingSink implements MediaSink {
  readonly frames: Frame[] = [];
  readonly damages: Damage[] = [];
  readonly announced: { readonly tracks: readonly Track[]; readonly unsupported: readonly UnsupportedTrack[] }[] = [];
  #waiting: { readonly reached: () => boolean; readonly resolve: () => void }[] = [];

  tracks(tracks: readonly Track[], unsupported: readonly UnsupportedTrack[]): void {
    this.announced.push({ tracks, unsupported });
    this.#check();
  }

  frame(frame: Frame): void {
    this.frames.push(ownFrame(frame));
    this.#check();
  }

  damage(damage: Damage): void {
    this.damages.push(damage);
    this.#check();
  }

  /** The frames of one track. */
  of(track: number): Frame[] {
    return this.frames.filter((frame) => frame.track === track);
  }

  /** Resolves when the condition holds after something was delivered; the test's own time-out bounds it. */
  until(reached: (sink: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ reached: () => reached(this), resolve });
      this.#check();
    });
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ reached, resolve }) => {
      if (!reached()) return true;
      resolve();
      return false;
    });
  }
}
