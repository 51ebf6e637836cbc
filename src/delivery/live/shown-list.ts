import type { LiveWindow } from '../../hls/live-window.ts';
import { mediaPlaylist, multivariantPlaylist, type Pathway } from '../../hls/playlist.ts';
import { rescale, ticks, timescale90k } from '../../units/ticks.ts';
import { after, type Instant, millis } from '../../units/time.ts';

/** A window with its playlists: each text is built once, however many viewers ask for it. */
export class ShownList {
  readonly window: LiveWindow;
  readonly #since: Instant;
  #media: Uint8Array | undefined;
  #multivariant: Uint8Array | undefined;

  /** `since`: when its last segment became known. */
  constructor(window: LiveWindow, since: Instant) {
    this.window = window;
    this.#since = since;
  }

  /** The list that replaces this one, at `now`. */
  withWindow(window: LiveWindow, now: Instant): ShownList {
    return new ShownList(window, window.segments.at(-1)?.number === this.lastNumber ? this.#since : now);
  }

  /** When the segment behind the last one is to be expected, if it is as long as that. */
  get nextDue(): Instant {
    const duration = this.window.segments.at(-1)?.duration ?? ticks(0);
    return after(this.#since, millis(rescale(duration, timescale90k, 1_000)));
  }

  /** `video.m3u8` in UTF-8. */
  get media(): Uint8Array {
    this.#media ??= Buffer.from(mediaPlaylist(this.window));
    return this.#media;
  }

  /** `index.m3u8` in UTF-8. */
  get multivariant(): Uint8Array {
    this.#multivariant ??= Buffer.from(multivariantPlaylist(this.window));
    return this.#multivariant;
  }

  /** `index.m3u8?pathways=1`: asked for once a session, so it is built each time. */
  multivariantWith(pathways: readonly Pathway[]): Uint8Array {
    return Buffer.from(multivariantPlaylist(this.window, pathways));
  }

  get lastNumber(): number {
    return this.window.segments.at(-1)?.number ?? -1;
  }
}
