import type { StreamName } from '../../units/ids.ts';
import { between, type Instant, type Millis } from '../../units/time.ts';

/** A source that sends is told of with ages below this: once a second a worker speaks, and no video has fewer pictures than that. */
export const flowing = 1_000;

/**
 * An age that was told `ago`. While frames flow it is as old now as then: what came since is told with the next word, which may take
 * `patience`. Without this, what is shown of every healthy stream would grow between two words and fall back with each.
 */
export function ageNow(told: Millis, ago: Millis, patience: Millis): Millis {
  return told < flowing && ago <= patience ? told : ((told + ago) as Millis);
}

interface Known {
  /** Since when this server has it in its configuration. */
  readonly since: Instant;
  last: Instant | undefined;
}

/** When each stream of the configuration last had a frame, at this server or as a peer told it. Outlives captures and servers. */
export class LastFrames {
  readonly #known = new Map<StreamName, Known>();

  /** These are configured from now on; what was noted of others is forgotten. */
  follow(streams: readonly StreamName[], now: Instant): void {
    const configured = new Set(streams);
    for (const stream of this.#known.keys()) if (!configured.has(stream)) this.#known.delete(stream);
    for (const stream of streams)
      if (!this.#known.has(stream)) this.#known.set(stream, { since: now, last: undefined });
  }

  seen(stream: StreamName, at: Instant): void {
    const known = this.#known.get(stream);
    if (known !== undefined && (known.last === undefined || at > known.last)) known.last = at;
  }

  /** Absent: none that this life of the server knows of. */
  last(stream: StreamName): Instant | undefined {
    return this.#known.get(stream)?.last;
  }

  /** Since the last frame, or, where nobody is known to have had one, since the stream is configured here. `also`: what else is known of it. */
  age(stream: StreamName, now: Instant, also: Instant | undefined): Millis | undefined {
    const known = this.#known.get(stream);
    if (known === undefined) return undefined;
    const { last = also, since } = known;
    const at = last !== undefined && also !== undefined && also > last ? also : last;
    return between(at ?? since, now);
  }
}
