import type { StreamConfig } from '../../config/model/config.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Captures } from './captures.ts';

/** The streams without `cluster_ingest`: every server captures them for itself, for as long as they are in its configuration. */
export class LocalCaptures {
  readonly #captures: Captures;
  readonly #wanted = new Set<StreamName>();

  constructor(captures: Captures) {
    this.#captures = captures;
  }

  /** Captures exactly these from now on. */
  follow(streams: readonly StreamConfig[]): void {
    const wanted = new Set(streams.filter((stream) => stream.clusterIngest === undefined).map((stream) => stream.name));
    for (const stream of this.#wanted) {
      if (wanted.has(stream)) continue;
      this.#wanted.delete(stream);
      this.#captures.stop({ stream, attempt: undefined });
    }
    for (const stream of wanted) {
      if (this.#wanted.has(stream)) continue;
      this.#wanted.add(stream);
      this.#captures.start({ stream, attempt: undefined, from: undefined, standIn: false });
    }
  }

  close(): void {
    this.follow([]);
  }
}
