import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, type Instant, millis } from '../../units/time.ts';
import { formatRunName, type RunName } from '../layout/run-name.ts';
import { type SealedRun, sameRecording } from './sealed-run.ts';

/** The home's answer counts for so long; what it was asked about may have changed since. */
const answerLasts = millis(10_000);
/** So that a home whose word can't be had is not asked with every claim it makes. */
const askedAgainAfter = millis(2_000);

/** What a server knows of itself and its group when it is about to part with a run. */
export interface Standing {
  readonly self: ServerName;
  /** By the configuration in force here; undefined for a stream that it doesn't have. */
  readonly home: (stream: StreamName) => ServerName | undefined;
  /** Whether that server has the same configuration in force, as far as is known. */
  readonly agreesWith: (peer: ServerName) => boolean;
  /** What lies here under that name; `open`: it is being recorded. */
  readonly held: (stream: StreamName, name: RunName) => SealedRun | 'open' | undefined;
}

/** Why a run stays, though its home says that it has it. */
export type Refusal = 'not-its-home' | 'own-stream' | 'configurations-differ' | 'not-held' | 'open' | 'other-recording';

export type Answer =
  /** Ask the home whether it keeps this run; then call `confirmed` with the number of the question. */
  | { readonly kind: 'ask'; readonly question: number }
  /** Nothing is to be done: it is asked, or was a moment ago. */
  | { readonly kind: 'asked' }
  | { readonly kind: 'stays'; readonly reason: Refusal };

interface Question {
  /** An answer to an earlier question about the same run says nothing: things may have changed, and changed back. */
  readonly number: number;
  readonly home: ServerName;
  readonly run: SealedRun;
  readonly at: Instant;
}

/**
 * How a stand-in parts with what its home has fetched. The home's claim alone erases nothing: it is asked back, and only its answer to this very
 * question, under a configuration that did not change meanwhile, lets the run go. From that moment the run is called gone here: whoever asks this
 * server to vouch for it is told no, also while its files are still there, so that no two servers erase on each other's word.
 */
export class Partings {
  readonly #questions = new Map<string, Question>();
  readonly #going = new Set<string>();
  #asked = 0;

  /** The home says that it has the run. */
  claimed(run: SealedRun, by: ServerName, standing: Standing, now: Instant): Answer {
    const refusal = this.#refusal(run, by, standing);
    if (refusal !== undefined) return { kind: 'stays', reason: refusal };
    const key = keyOf(run);
    const asked = this.#questions.get(key);
    if (this.#going.has(key)) return { kind: 'asked' };
    if (asked?.home === by && now < after(asked.at, askedAgainAfter)) return { kind: 'asked' };
    this.#asked += 1;
    this.#questions.set(key, { number: this.#asked, home: by, run, at: now });
    return { kind: 'ask', question: this.#asked };
  }

  /** The home's answer to a question. The run, to be erased: then say `erased`, or `stayed` when it can't be; undefined: it stays. */
  confirmed(question: number, keeps: boolean, standing: Standing, now: Instant): SealedRun | undefined {
    const [key, asked] = [...this.#questions].find(([, { number }]) => number === question) ?? [];
    if (key === undefined || asked === undefined) return undefined;
    this.#questions.delete(key);
    const { run, home, at } = asked;
    const late = now > after(at, answerLasts);
    if (!keeps || late || this.#refusal(run, home, standing) !== undefined) return undefined;
    this.#going.add(key);
    return run;
  }

  /** Another configuration is in force: what was asked under the last one counts no more, though it should come back. */
  reconfigured(): void {
    this.#questions.clear();
  }

  erased(run: SealedRun): void {
    this.#going.delete(keyOf(run));
  }

  /** The disk would not let it go; some of it may be missing. It is asked for anew with the next claim. */
  stayed(run: SealedRun): void {
    this.#going.delete(keyOf(run));
  }

  /** Whether it is about to be erased: it is not vouched for. */
  isGoing(stream: StreamName, name: RunName): boolean {
    return this.#going.has(`${stream} ${formatRunName(name)}`);
  }

  #refusal(run: SealedRun, by: ServerName, standing: Standing): Refusal | undefined {
    const home = standing.home(run.stream);
    if (home === standing.self) return 'own-stream';
    if (home !== by) return 'not-its-home';
    if (!standing.agreesWith(by)) return 'configurations-differ';
    const held = standing.held(run.stream, run.name);
    if (held === undefined) return 'not-held';
    if (held === 'open') return 'open';
    return sameRecording(held, run) ? undefined : 'other-recording';
  }
}

/** Whether a home vouches for a run to one who would erase it then: it is here, the same, on the disk, and here to stay. */
export function vouches(
  run: SealedRun,
  asker: ServerName,
  standing: Standing,
  isGoing: (stream: StreamName, name: RunName) => boolean,
): boolean {
  if (standing.home(run.stream) !== standing.self || !standing.agreesWith(asker)) return false;
  const held = standing.held(run.stream, run.name);
  return held !== undefined && held !== 'open' && sameRecording(held, run) && !isGoing(run.stream, run.name);
}

function keyOf({ stream, name }: SealedRun): string {
  return `${stream} ${formatRunName(name)}`;
}
