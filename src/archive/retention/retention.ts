import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import { candidatesOf, type KeptStream, oldestFirst } from './candidates.ts';

export interface RetentionState {
  /** UTC of the group. */
  readonly now: Ticks;
  /** This server's clock and its peers' disagree: nothing is called too old. */
  readonly clockInDoubt: boolean;
  /** Those of the configuration; what others left stays, for nobody said how long. */
  readonly streams: readonly KeptStream[];
  /** Of the disk under the root; absent: nobody asked for free space. */
  readonly space: { readonly freeBytes: number; readonly wantedBytes: number } | undefined;
}

interface Deletion {
  readonly stream: StreamName;
  readonly run: ArchivedRun;
  readonly reason: 'age' | 'size' | 'space';
  /** What is in it is lost to the group: to be told. */
  readonly unreplicated: boolean;
}

/** A limit that can't be kept: all that is left is the newest, held, or being recorded. */
interface Excess {
  readonly stream: StreamName | undefined;
  readonly bytes: number;
}

export interface Retention {
  /** In this order; those that are not yet replicated come last. */
  readonly deletions: readonly Deletion[];
  readonly excesses: readonly Excess[];
}

/** So that deleting never fills a disk's queue for long; the next decision follows when these are gone. */
const mostDeletions = 100;

/**
 * What retention takes from one root now: what is too old, then what is too much of a stream, then what must go for others to have space;
 * oldest first, what its home has before what it has not. Never the newest run of a stream, nor one that is recorded, played or copied.
 */
export function decideRetention(state: RetentionState): Retention {
  const decision = new Decision();
  const excesses: Excess[] = [];
  for (const kept of state.streams) {
    if (!state.clockInDoubt) decision.takeOld(kept, state.now);
    const over = kept.runs.bytes - (kept.mostBytes ?? Number.POSITIVE_INFINITY) - decision.bytesOf(kept.stream);
    const left = decision.take('size', over, [kept]);
    if (left > 0) excesses.push({ stream: kept.stream, bytes: left });
  }
  if (state.space !== undefined) {
    const missing = state.space.wantedBytes - state.space.freeBytes - decision.bytes;
    const left = decision.take('space', missing, state.streams);
    if (left > 0) excesses.push({ stream: undefined, bytes: left });
  }
  return { deletions: decision.ordered(), excesses };
}

class Decision {
  readonly #deletions: Deletion[] = [];
  readonly #doomed = new Set<ArchivedRun>();
  readonly #bytesOf = new Map<StreamName, number>();
  #bytes = 0;

  /** To be freed. */
  get bytes(): number {
    return this.#bytes;
  }

  bytesOf(stream: StreamName): number {
    return this.#bytesOf.get(stream) ?? 0;
  }

  takeOld(kept: KeptStream, now: Ticks): void {
    const oldest = now - (kept.mostAge ?? Number.POSITIVE_INFINITY);
    for (const { run } of candidatesOf(kept)) {
      if (run.start > oldest) break;
      if (run.end <= oldest) this.#add(kept, run, 'age');
    }
  }

  /** Returns how many of these bytes can't be had. */
  take(reason: 'size' | 'space', bytes: number, from: readonly KeptStream[]): number {
    let left = bytes;
    for (const unreplicated of [false, true]) {
      for (const { kept, run } of oldestFirst(from)) {
        if (left <= 0) return left;
        if (this.#doomed.has(run) || kept.isUnreplicated(run) !== unreplicated) continue;
        this.#add(kept, run, reason);
        left -= run.bytes;
      }
    }
    return left;
  }

  ordered(): Deletion[] {
    const last = (deletion: Deletion): number => (deletion.unreplicated ? 1 : 0);
    return [...this.#deletions].sort((a, b) => last(a) - last(b)).slice(0, mostDeletions);
  }

  #add(kept: KeptStream, run: ArchivedRun, reason: Deletion['reason']): void {
    this.#deletions.push({ stream: kept.stream, run, reason, unreplicated: kept.isUnreplicated(run) });
    this.#doomed.add(run);
    this.#bytes += run.bytes;
    this.#bytesOf.set(kept.stream, this.bytesOf(kept.stream) + run.bytes);
  }
}
