import { after, type Instant, millis } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';
import type { Candidates } from './candidates.ts';
import { type Captures, elapsed } from './captures.ts';

/** Sources that give this server no frames: marks that expire, and who tries next. */
export class SourceFailure {
  readonly #roster: Roster;
  readonly #candidates: Candidates;
  readonly #captures: Captures;

  constructor(roster: Roster, candidates: Candidates, captures: Captures) {
    this.#roster = roster;
    this.#candidates = candidates;
    this.#captures = captures;
  }

  /** A capture (or a try) got no frames for too long: the next one tries; if there is none, this one goes on trying. */
  failed(stream: StreamState, error: string, turn: Turn): void {
    const { own } = stream;
    if (own.state !== 'trying' && own.state !== 'capturing') return;
    const isNews = own.state === 'capturing' || stream.lostSince === undefined;
    stream.lostSince ??= own.state === 'capturing' ? darkSince(stream, turn.now) : own.neededSince;
    if (isNews) {
      const darkMs = elapsed(stream.lostSince, turn.now);
      turn.notice({ kind: 'source-lost', stream: stream.name, error, darkMs });
    }
    this.mark(stream, turn);
    if (own.state === 'capturing') {
      const { attempt } = own;
      const since = turn.now;
      const trying = { state: 'trying', attempt, since, cause: 'source-lost', from: undefined } as const;
      this.#captures.become(stream, { ...trying, neededSince: since, lapsed: true });
    } else {
      this.#captures.become(stream, { ...own, lapsed: true });
    }
    this.yieldTurn(stream, turn);
  }

  /** A lapsed try ends when another server has failed less often. */
  yieldTurn(stream: StreamState, turn: Turn): boolean {
    const best = this.#candidates.best(stream);
    if (best === undefined || best === this.#roster.self) return false;
    this.#captures.close(stream, { cause: 'source-lost' }, turn);
    return true;
  }

  mark(stream: StreamState, turn: Turn): void {
    stream.failures++;
    stream.markedUntil = after(turn.now, bounds.failureMark);
    this.#captures.publish(stream);
  }

  /** This server has frames. */
  found(stream: StreamState, turn: Turn): void {
    stream.failures = 0;
    stream.markedUntil = undefined;
    if (stream.lostSince === undefined) return;
    turn.notice({ kind: 'source-found', stream: stream.name, darkMs: elapsed(stream.lostSince, turn.now) });
    stream.lostSince = undefined;
  }

  /** Forgets what no longer tells anything: an expired mark, and failures of an outage that is over since another has frames. */
  refresh(stream: StreamState, othersHaveFrames: boolean, turn: Turn): void {
    const { failures, markedUntil } = stream;
    if (othersHaveFrames) stream.lostSince = undefined;
    if (failures === 0 && markedUntil === undefined) return;
    if (markedUntil !== undefined && markedUntil <= turn.now) stream.markedUntil = undefined;
    if (othersHaveFrames) stream.failures = 0;
    if (failures !== stream.failures || markedUntil !== stream.markedUntil) this.#captures.publish(stream);
  }
}

/** A source is told to be lost when it gave no frames for its time-out. */
export function darkSince(stream: StreamState, toldAt: Instant): Instant {
  return after(toldAt, millis(-stream.config.sourceTimeout));
}
