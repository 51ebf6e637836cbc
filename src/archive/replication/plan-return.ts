import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import { compareRunNames, formatRunName, type RunName } from '../layout/run-name.ts';
import { isBelow } from '../retention/watermark.ts';
import { type SealedRun, sameRecording } from './sealed-run.ts';

/** A peer has this run of a stream whose home this server is. */
export interface Offer {
  readonly holder: ServerName;
  readonly run: SealedRun;
}

/** What the home knows when it decides. */
export interface HomeState {
  /** Of all peers that were heard of lately. */
  readonly offers: readonly Offer[];
  /** What is kept here under that name, all of it on the disk; `open`: it is being recorded here. */
  readonly kept: (stream: StreamName, name: RunName) => SealedRun | 'open' | undefined;
  /** How far retention has come. */
  readonly watermark: (stream: StreamName) => Ticks | undefined;
  /** What ended before this is too old to be kept, UTC. */
  readonly oldest: (stream: StreamName) => Ticks | undefined;
  /** Being fetched now, whole or in part. */
  readonly fetching: readonly Offer[];
  /** It failed a moment ago, and is left alone for a while. */
  readonly isResting: (offer: Offer) => boolean;
  /** What may still be written without retention taking something for it; undefined: it can't be known, or the disk is away. */
  readonly freeBytes: number | undefined;
  /** How many are fetched at once. */
  readonly mostFetches: number;
}

/**
 * What becomes of an offer. `fetch`: begin now. `claim`: it is here; tell its holder, who asks back and erases it. `decline`: it will not be
 * fetched: `retention` has taken it or would at once, or there is a `conflict`, another recording of that name here. `wait`: for its turn, for
 * space, or because it failed a moment ago.
 */
export type Intent =
  | { readonly kind: 'fetch' | 'claim'; readonly offer: Offer }
  | { readonly kind: 'decline'; readonly offer: Offer; readonly reason: 'retention' | 'conflict' }
  | { readonly kind: 'wait'; readonly offer: Offer; readonly reason: 'turn' | 'space' | 'failed' };

/**
 * What a home does about what others have of its streams: the oldest first, for it is the next to be taken by retention. A run that several
 * have is fetched from one; each of them is told of it afterwards.
 */
export function planReturn(state: HomeState): Intent[] {
  const plan = new Plan(state);
  return [...state.offers].sort(byAge).map((offer) => plan.decide(offer));
}

class Plan {
  readonly #state: HomeState;
  /** Runs that are or will be under way. */
  readonly #underWay: Set<string>;
  #fetches: number;
  #freeBytes: number;

  constructor(state: HomeState) {
    this.#state = state;
    this.#underWay = new Set(state.fetching.map(({ run }) => keyOf(run)));
    this.#fetches = state.fetching.length;
    this.#freeBytes = state.freeBytes ?? 0;
  }

  decide(offer: Offer): Intent {
    const { run } = offer;
    const kept = this.#state.kept(run.stream, run.name);
    if (kept !== undefined) {
      if (kept !== 'open' && sameRecording(kept, run)) return { kind: 'claim', offer };
      return { kind: 'decline', offer, reason: 'conflict' };
    }
    if (this.#isPast(run)) return { kind: 'decline', offer, reason: 'retention' };
    if (this.#underWay.has(keyOf(run))) return { kind: 'wait', offer, reason: 'turn' };
    if (this.#state.isResting(offer)) return { kind: 'wait', offer, reason: 'failed' };
    if (this.#fetches >= this.#state.mostFetches) return { kind: 'wait', offer, reason: 'turn' };
    if (run.bytes > this.#freeBytes) return { kind: 'wait', offer, reason: 'space' };
    this.#underWay.add(keyOf(run));
    this.#fetches += 1;
    this.#freeBytes -= run.bytes;
    return { kind: 'fetch', offer };
  }

  #isPast(run: SealedRun): boolean {
    const oldest = this.#state.oldest(run.stream) ?? Number.NEGATIVE_INFINITY;
    return run.end <= oldest || isBelow(this.#state.watermark(run.stream), run);
  }
}

function byAge(a: Offer, b: Offer): number {
  const byName = compareRunNames(a.run.name, b.run.name);
  if (byName !== 0) return byName;
  const [left, right] = [`${a.run.stream} ${a.holder}`, `${b.run.stream} ${b.holder}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf({ stream, name }: SealedRun): string {
  return `${stream} ${formatRunName(name)}`;
}
