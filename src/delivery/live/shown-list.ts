import type { LiveWindow } from '../../hls/live-window.ts';
import { mediaPlaylist, multivariantPlaylist, type Pathway } from '../../hls/playlist.ts';

/** A window with its playlists: each text is built once, however many viewers ask for it. */
export class ShownList {
  readonly window: LiveWindow;
  #media: Uint8Array | undefined;
  #multivariant: Uint8Array | undefined;

  constructor(window: LiveWindow) {
    this.window = window;
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
