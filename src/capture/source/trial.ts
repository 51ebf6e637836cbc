import type { Frame } from '../../media/frame.ts';
import type { Damage, MediaSink, Track, UnsupportedTrack } from '../../media/track.ts';

export interface TrialOptions {
  /** A frame came of what is mainly watched: of the video, where there is one. */
  readonly alive: () => void;
  /** Asked at each place where media can begin. */
  readonly isGood: () => boolean;
  /** Asked at each such frame: nothing else is read any more, so that what can't be begun with is no worse than nothing. */
  readonly isNeeded: () => boolean;
  /** It is to be used from here on; returns where its media go. */
  readonly take: () => MediaSink;
}

/** Looks at the media of a source without using them, until they are good at a keyframe, or needed; then passes on all that comes. */
export class Trial implements MediaSink {
  readonly #options: TrialOptions;
  #tracks: readonly [readonly Track[], readonly UnsupportedTrack[]] = [[], []];
  #watched = -1;
  #taken: MediaSink | undefined;

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  tracks(tracks: readonly Track[], unsupported: readonly UnsupportedTrack[]): void {
    this.#tracks = [tracks, unsupported];
    this.#watched = Math.max(
      0,
      tracks.findIndex(({ kind }) => kind === 'video'),
    );
    this.#taken?.tracks(tracks, unsupported);
  }

  frame(frame: Frame): void {
    if (this.#taken !== undefined) this.#taken.frame(frame);
    else if (frame.track === this.#watched) this.#look(frame);
  }

  damage(damage: Damage): void {
    this.#taken?.damage(damage);
  }

  #look(frame: Frame): void {
    const { alive, isGood, isNeeded, take } = this.#options;
    alive();
    if (!isNeeded() && !(frame.keyframe && isGood())) return;
    this.#taken = take();
    this.#taken.tracks(...this.#tracks);
    this.#taken.frame(frame);
  }
}
