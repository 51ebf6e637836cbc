import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import { type Standing, sameStanding } from '../message/claim.ts';
import type { Known, StandingNews, StateNews } from '../message/message.ts';
import { type ServerStatus, sameStatus } from '../message/server-status.ts';
import { bounds } from '../step/bounds.ts';

interface Change {
  readonly revision: number;
  /** Absent: the status changed. */
  readonly stream: StreamName | undefined;
}

/**
 * The published state of one life of one server, with the order of its changes: on that server itself the original, on its
 * peers a copy at some revision, from which they can relay.
 */
export class Publication {
  readonly server: ServerName;
  readonly incarnation: Incarnation;
  #status: ServerStatus;
  #revision: number;
  readonly #standings = new Map<StreamName, Standing>();
  /** Ascending; complete for everything after `#floor`. */
  #log: Change[] = [];
  #floor: number;

  constructor(server: ServerName, incarnation: Incarnation, status: ServerStatus, revision = 0) {
    this.server = server;
    this.incarnation = incarnation;
    this.#status = status;
    this.#revision = revision;
    this.#floor = revision;
  }

  /** The copy of a peer's state; undefined when the news build on what is not known. */
  static from(news: StateNews, now: Instant): Publication | undefined {
    if (news.base !== undefined) return undefined;
    const copy = new Publication(news.server, news.incarnation, news.status, news.revision);
    for (const one of news.standings) copy.#put(one, now);
    return copy;
  }

  get status(): ServerStatus {
    return this.#status;
  }

  get known(): Known {
    return { incarnation: this.incarnation, revision: this.#revision };
  }

  get standings(): ReadonlyMap<StreamName, Standing> {
    return this.#standings;
  }

  /** Streams that it captures or tries to. */
  captured(): Set<StreamName> {
    const streams = new Set<StreamName>();
    for (const [stream, { claim }] of this.#standings) {
      if (claim?.phase === 'capturing' || claim?.phase === 'trying') streams.add(stream);
    }
    return streams;
  }

  setStatus(status: ServerStatus): void {
    if (sameStatus(status, this.#status)) return;
    this.#status = status;
    this.touch();
  }

  setStanding(stream: StreamName, standing: Standing | undefined): void {
    if (sameStanding(standing, this.#standings.get(stream))) return;
    if (standing === undefined) this.#standings.delete(stream);
    else this.#standings.set(stream, standing);
    this.#record(this.#revision + 1, stream);
  }

  /** Makes what goes along with the state (verdicts on others) news. */
  touch(): void {
    this.#record(this.#revision + 1, undefined);
  }

  /** Has it changed since the other knew it? */
  isNewsTo(known: Known | undefined): boolean {
    return known === undefined || known.incarnation !== this.incarnation || known.revision < this.#revision;
  }

  newsSince(known: Known | undefined, now: Instant): StateNews {
    const base = this.#usableBase(known);
    const streams = base === undefined ? this.#standings.keys() : this.#changedSince(base);
    return {
      server: this.server,
      incarnation: this.incarnation,
      status: this.#status,
      base,
      revision: this.#revision,
      standings: Array.from(streams, (stream) => this.#news(stream, now)),
    };
  }

  /** The streams whose standing changed; `gap` when something in between is missing. */
  apply(news: StateNews, now: Instant): StreamName[] | 'gap' {
    if (news.base !== undefined && news.base > this.#revision) return 'gap';
    if (news.revision <= this.#revision) return [];
    const changed = news.base === undefined ? this.#dropAllBut(news) : [];
    for (const one of news.standings) if (this.#put(one, now)) changed.push(one.stream);
    this.#status = news.status;
    if (news.base === undefined) {
      this.#log = [];
      this.#floor = news.revision;
    } else {
      // What changed and changed back since our revision is no change to us, but may be one to whom we tell it: that one's revision can lie between.
      for (const { stream } of news.standings) this.#record(news.revision, stream);
    }
    this.#revision = news.revision;
    return changed;
  }

  #dropAllBut(news: StateNews): StreamName[] {
    const kept = new Set(news.standings.map((one) => one.stream));
    const dropped = [...this.#standings.keys()].filter((stream) => !kept.has(stream));
    for (const stream of dropped) this.#standings.delete(stream);
    return dropped;
  }

  #put(one: StandingNews, now: Instant): boolean {
    const standing = standingOf(one, now);
    const before = this.#standings.get(one.stream);
    if (sameStanding(standing, before)) return false;
    if (standing === undefined) this.#standings.delete(one.stream);
    else this.#standings.set(one.stream, standing);
    return true;
  }

  #news(stream: StreamName, now: Instant): StandingNews {
    const { claim, failures, marked } = this.#standings.get(stream) ?? nothing;
    if (claim === undefined) return { stream, claim, failures, marked };
    const { phase, from, to, source, since } = claim;
    const forMs = Math.max(0, Math.round(between(since, now)));
    return { stream, claim: { phase, from, to, ...(source > 0 && { source }), forMs }, failures, marked };
  }

  #record(revision: number, stream: StreamName | undefined): void {
    this.#revision = revision;
    this.#log.push({ revision, stream });
    if (this.#log.length <= bounds.longestLog) return;
    const dropped = this.#log.splice(0, this.#log.length >> 1);
    this.#floor = dropped.at(-1)?.revision ?? this.#floor;
  }

  #usableBase(known: Known | undefined): number | undefined {
    if (known === undefined || known.incarnation !== this.incarnation) return undefined;
    return known.revision < this.#floor || known.revision > this.#revision ? undefined : known.revision;
  }

  #changedSince(base: number): Set<StreamName> {
    const streams = new Set<StreamName>();
    for (let i = this.#log.length - 1; i >= 0; i--) {
      const change = this.#log[i];
      if (change === undefined || change.revision <= base) break;
      if (change.stream !== undefined) streams.add(change.stream);
    }
    return streams;
  }
}

const nothing: Standing = { claim: undefined, failures: 0, marked: false };

function standingOf(news: StandingNews, now: Instant): Standing | undefined {
  const { claim: told, failures, marked } = news;
  if (told === undefined) return failures === 0 && !marked ? undefined : { claim: undefined, failures, marked };
  const { phase, from, to, source = 0, forMs } = told;
  return { claim: { phase, from, to, source, since: after(now, millis(-forMs)) }, failures, marked };
}
