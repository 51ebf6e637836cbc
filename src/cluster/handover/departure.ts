import { after, earliest, type Instant, type Millis, millis, never } from '../../units/time.ts';
import type { Captures } from '../captures/captures.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Cause } from '../message/cause.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';
import { DepartureNews } from './departure-news.ts';
import type { Giving } from './giving.ts';

/** Draining and leaving: gives the streams away, then says goodbye and waits until it is heard. */
export class Departure {
  readonly #roster: Roster;
  readonly #life: OwnLife;
  readonly #captures: Captures;
  readonly #giving: Giving;
  readonly #news: DepartureNews;
  #lastProgress: Instant = never;
  #remaining = 0;
  /** Waits no longer for anybody to take what is left. */
  #abandoned = false;
  /** For how long the goodbye waits when all is given away. */
  #linger = millis(0);
  #emptySince: Instant | undefined;
  #goodbye: { readonly at: Instant; readonly revision: number } | undefined;
  #left = false;
  #nextAt: Instant = never;

  constructor(roster: Roster, life: OwnLife, captures: Captures, giving: Giving) {
    this.#roster = roster;
    this.#life = life;
    this.#captures = captures;
    this.#giving = giving;
    this.#news = new DepartureNews(roster);
  }

  get left(): boolean {
    return this.#left;
  }

  nextWake(): Instant {
    return this.#nextAt;
  }

  drain(turn: Turn): void {
    if (this.#life.draining) return;
    this.#life.draining = true;
    this.#news.begin('operator', turn);
  }

  undrain(turn: Turn): void {
    if (!this.#life.draining) return;
    this.#life.draining = false;
    this.#life.stableSince = turn.now;
    if (this.#life.leaving !== undefined) return;
    this.#giving.withdrawOffers();
    this.#news.end(turn);
  }

  leave(turn: Turn, linger: Millis = millis(0), cause: Cause = 'leave'): void {
    if (this.#life.leaving !== undefined) return;
    this.#linger = linger;
    this.#life.leaving = turn.now;
    this.#lastProgress = turn.now;
    this.#remaining = this.#roster.engaged.size;
    this.#news.begin(cause, turn);
  }

  /** Goes on giving away. */
  proceed(turn: Turn): void {
    this.#nextAt = never;
    if (this.#life.draining || this.#life.leaving !== undefined) this.#nextAt = this.#giving.offer(turn);
    if (this.#life.leaving !== undefined) this.#abandonWhenStuck(this.#life.leaving, turn);
  }

  /** After the claims of this step are known: the goodbye, and the end. */
  conclude(turn: Turn): void {
    this.#news.look(() => this.#giving.hasHope(turn.now), turn);
    if (this.#life.leaving === undefined || this.#left) return;
    if (this.#roster.engaged.size > 0) this.#emptySince = undefined;
    else if (this.#goodbye === undefined) {
      this.#emptySince ??= turn.now;
      const lingered = after(this.#emptySince, this.#linger);
      if (turn.now < lingered && this.#hasTakers()) {
        this.#nextAt = earliest(this.#nextAt, lingered);
        return;
      }
      this.#life.gone = true;
      this.#roster.own.setStatus({ ...this.#roster.own.status, draining: true, leaving: true });
      this.#goodbye = { at: turn.now, revision: this.#roster.own.known.revision };
    }
    if (this.#goodbye === undefined) return;
    const deadline = after(this.#goodbye.at, bounds.goodbye);
    if (turn.now < deadline && !this.#isHeard(this.#goodbye.revision)) {
      this.#nextAt = earliest(this.#nextAt, deadline);
      return;
    }
    this.#left = true;
    turn.emit({ type: 'left' });
  }

  #abandonWhenStuck(since: Instant, turn: Turn): void {
    const { engaged } = this.#roster;
    if (engaged.size < this.#remaining || this.#giving.hasHope(turn.now)) this.#lastProgress = turn.now;
    this.#remaining = engaged.size;
    const deadline = earliest(after(this.#lastProgress, bounds.leaveStall), after(since, bounds.leaveTotal));
    if (!this.#abandoned && this.#hasTakers() && turn.now < deadline) {
      this.#nextAt = earliest(this.#nextAt, deadline);
      return;
    }
    this.#abandoned = true;
    for (const stream of [...engaged]) {
      if (stream.own.state === 'closing') continue;
      this.#news.abandons(stream);
      this.#captures.close(stream, { cause: 'leave' }, turn);
    }
  }

  /** Does anybody live who may take a stream, now or when its boot is done? Of a group that is stopped as a whole nobody does. */
  #hasTakers(): boolean {
    return [...this.#roster.peers.values()].some((peer) => peer.live && peer.status?.draining !== true);
  }

  #isHeard(revision: number): boolean {
    for (const { live, link } of this.#roster.peers.values()) {
      if (live && (link.known === undefined || link.known.revision < revision)) return false;
    }
    return true;
  }
}
