import type { StreamName } from '../../units/ids.ts';

/** One of a stream's URLs. */
export interface Source {
  /** Its place in the configuration, from 0. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
  /** Masked. */
  readonly url: string;
}

interface Failure {
  readonly index: number;
  readonly error: string;
}

interface Input {
  /** Why the capture began. */
  readonly cause: string | undefined;
  source: Source | undefined;
  /** The first one since frames flowed: what follows it are its consequences. */
  failure: Failure | undefined;
  /** It has published something. */
  flowed: boolean;
}

/** Which source each capture of this server reads, and what went wrong with the one before. */
export class Sources {
  readonly #inputs = new Map<StreamName, Input>();

  begins(stream: StreamName, cause: string | undefined): void {
    this.#inputs.set(stream, { cause, source: undefined, failure: undefined, flowed: false });
  }

  failed(stream: StreamName, index: number, error: string): void {
    const input = this.#inputs.get(stream);
    if (input !== undefined) input.failure ??= { index, error };
  }

  /** Media comes from this source. Returns which one the capture left for it, and why; undefined when it reads the same as before. */
  uses(stream: StreamName, source: Source): Failure | undefined {
    const input = this.#inputs.get(stream);
    if (input === undefined) return undefined;
    const { source: last } = input;
    const before = last?.index ?? input.failure?.index ?? source.index;
    input.source = source;
    // A reload may move it among the others.
    if (before === source.index || last?.url === source.url) return undefined;
    const { failure } = input;
    return { index: before, error: failure?.error ?? 'it was lost' };
  }

  /** Frames are published: what went wrong before is over. */
  flows(stream: StreamName): void {
    const input = this.#inputs.get(stream);
    if (input === undefined) return;
    input.failure = undefined;
    input.flowed = true;
  }

  /** Why there is a hole before the segment that is published now. */
  whyInterrupted(stream: StreamName): string {
    const input = this.#inputs.get(stream);
    return input?.failure?.error ?? (input?.flowed === false ? input.cause : undefined) ?? 'the source left a gap';
  }

  /** The source in use, for an event. */
  shown(stream: StreamName): { readonly source?: string } {
    const url = this.#inputs.get(stream)?.source?.url;
    return url === undefined ? {} : { source: url };
  }
}
