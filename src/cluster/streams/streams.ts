import { earliest, type Instant, never } from '../../units/time.ts';
import { type Captures, elapsed } from '../captures/captures.ts';
import type { SourceFailure } from '../captures/source-failure.ts';
import type { Giving } from '../handover/giving.ts';
import type { Taking } from '../handover/taking.ts';
import type { Roster } from '../knowledge/roster.ts';
import { attemptOf, type StreamState } from '../knowledge/stream-state.ts';
import type { CaptureFact, Event } from '../step/event.ts';
import type { Turn } from '../step/turn.ts';
import { Agenda } from './agenda.ts';
import type { HeldStream } from './held-stream.ts';
import type { IdleStream } from './idle-stream.ts';
import type { Owners } from './owners.ts';

export interface StreamRules {
  readonly roster: Roster;
  readonly captures: Captures;
  readonly sources: SourceFailure;
  readonly idle: IdleStream;
  readonly held: HeldStream;
  readonly taking: Taking;
  readonly giving: Giving;
  readonly owners: Owners;
}

/** A look at a stream may change it and ask for another look; more than these in one step is a fault of the rules. */
const mostLooks = 8;

/** Brings every stream that may have changed to the state that the rules want, and remembers when to look again. */
export class Streams {
  readonly #rules: StreamRules;
  readonly #agenda = new Agenda<StreamState>();

  constructor(rules: StreamRules) {
    this.#rules = rules;
  }

  nextWake(): Instant {
    return this.#agenda.next();
  }

  fact(event: Extract<Event, { type: 'capture' }>, turn: Turn): void {
    const stream = this.#rules.roster.streams.get(event.stream);
    if (stream === undefined || attemptOf(stream.own) !== event.attempt) return;
    this.#apply(stream, event.fact, turn);
    this.#rules.roster.dirty.add(stream);
  }

  /** Looks at all that is due or dirty until nothing is. */
  look(turn: Turn): void {
    const { dirty } = this.#rules.roster;
    for (const stream of this.#agenda.take(turn.now)) dirty.add(stream);
    for (let round = 0; round < mostLooks && dirty.size > 0; round++) {
      const batch = [...dirty];
      dirty.clear();
      for (const stream of batch) this.#lookAt(stream, turn);
    }
  }

  /** The configuration no longer has it. */
  remove(stream: StreamState, turn: Turn): void {
    const { roster, captures, taking, owners } = this.#rules;
    if ('attempt' in stream.own) captures.close(stream, { cause: 'config' }, turn);
    roster.own.setStanding(stream.name, undefined);
    roster.engaged.delete(stream);
    roster.dirty.delete(stream);
    this.#agenda.set(stream, never);
    taking.forget(stream);
    owners.removed(stream);
  }

  #lookAt(stream: StreamState, turn: Turn): void {
    const { sources, taking, owners, roster } = this.#rules;
    sources.refresh(stream, this.#othersHaveFrames(stream), turn);
    const at = this.#decide(stream, turn);
    taking.consider(stream);
    owners.update(stream, turn);
    const marked = stream.markedUntil ?? never;
    if (!roster.dirty.has(stream)) this.#agenda.set(stream, earliest(at, marked));
  }

  #decide(stream: StreamState, turn: Turn): Instant {
    const { idle, held, taking, giving } = this.#rules;
    const { own } = stream;
    switch (own.state) {
      case 'none':
        return idle.look(stream, turn);
      case 'trying':
        return held.trying(stream, own, turn);
      case 'capturing':
        return held.capturing(stream, own, turn);
      case 'taking':
        return taking.taking(stream, own, turn);
      case 'asking':
        return taking.asking(stream, own, turn);
      case 'closing':
        return giving.closing(stream, own, turn);
      case 'released':
        return giving.released(stream, own, turn);
    }
  }

  #apply(stream: StreamState, fact: CaptureFact, turn: Turn): void {
    const { taking, giving } = this.#rules;
    const { own } = stream;
    if (fact.kind === 'source') {
      this.#rules.captures.reads(stream, fact.source);
    } else if (fact.kind === 'stopped') {
      if (own.state === 'closing') giving.closed(stream, own, turn);
    } else if (own.state === 'taking') {
      if (fact.kind === 'frames') taking.frames(stream, own);
      else if (fact.kind === 'ready') taking.ready(stream, own, turn);
      else taking.stalled(stream, turn);
    } else if (fact.kind === 'stalled') {
      if (own.state === 'trying' && own.from !== undefined) taking.stalled(stream, turn);
      else this.#rules.sources.failed(stream, fact.error, turn);
    } else if (own.state === 'trying') {
      this.#gotFrames(stream, turn);
    }
  }

  #gotFrames(stream: StreamState, turn: Turn): void {
    const { captures, sources, taking, roster } = this.#rules;
    const { own } = stream;
    if (own.state !== 'trying') return;
    const { attempt, cause, from, neededSince } = own;
    if (from !== undefined) taking.succeeded(stream, from, own, turn);
    else {
      const standIn = roster.home(stream.name) !== roster.self;
      turn.notice({ kind: 'captured', stream: stream.name, standIn, cause, tookMs: elapsed(neededSince, turn.now) });
    }
    sources.found(stream, turn);
    captures.become(stream, { state: 'capturing', attempt, since: turn.now, from, offer: undefined });
  }

  #othersHaveFrames(stream: StreamState): boolean {
    for (const [, claim] of this.#rules.roster.liveClaims(stream)) if (claim.phase === 'capturing') return true;
    return false;
  }
}
