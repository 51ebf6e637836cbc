import type { PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler } from '../../group/peer-service.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { endsHandlers, keptEndsPath, ownEndsPath, pastEndsPath, reportEndsPath, seenEndsPath } from './ends-service.ts';
import { believed, type KeptEnd, later, parseKeptEnd } from './kept-ends.ts';
import type { LastKnown } from './last-known.ts';
import type { PastEnds } from './past-ends.ts';
import { Questions } from './questions.ts';
import type { ReportedEnds } from './reported-ends.ts';
import { newer, parseSeen, type SeenSegment } from './seen-segment.ts';

/** A server reports its newest segments to so many others: one of two is left when it dies with the other. */
const reportsTo = 2;

/** A report that takes longer is overtaken by the next. */
const reportWithin = millis(1_000);

/** All peers have heard a server that was restarted to the same moment or so; one of the two may be leaving. */
const askedOfPast = 2;

/** Who had a stream last, as the servers that are here know. */
export interface LastEnd extends KeptEnd {
  /** That server tells it itself; else it may have gone on when the others were gone already. */
  readonly isOwnWord: boolean;
}

export interface EndsOptions {
  readonly self: ServerName;
  readonly clock: Clock;
  /** In the group's clock, 90 kHz UTC. */
  readonly now: () => Ticks;
  readonly client: () => Pick<PeerClient, 'call'>;
  /** Who may be asked: the peers that are heard. */
  readonly peers: () => readonly ServerName[];
  /** The end of what this process published last of the stream, 90 kHz UTC. */
  readonly own: (stream: StreamName) => Ticks | undefined;
  /** What this server saw of the stream at `server` lately. */
  readonly seen: (stream: StreamName, server: ServerName) => SeenSegment | undefined;
  readonly reported: ReportedEnds;
  readonly past: Pick<PastEnds, 'isDead' | 'over' | 'of'>;
  readonly known: Pick<LastKnown, 'of' | 'ofOwnPast'>;
}

/** Where each server's part of a stream's timeline ended, as that server tells for as long as its process lives: its window is gone long before. */
export class Ends {
  /** What this server knows without asking. */
  readonly known: EndsOptions['known'];
  readonly #options: EndsOptions;
  readonly #closing = new AbortController();
  readonly #questions: Questions;

  constructor(options: EndsOptions) {
    this.known = options.known;
    this.#options = options;
    this.#questions = new Questions(options);
  }

  /** The end of what that server published last of the stream, as it tells itself, else as the others know. Never rejects. */
  async at(server: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    const { past } = this.#options;
    if (past.isDead(server)) return this.ofPast(server, stream);
    const answers = await this.#questions.ask({ path: ownEndsPath, of: server, to: () => [server] }, stream);
    const answer = answers.get(server);
    const end = this.#endIn(answer?.[stream]);
    // One that answers has not published in its present life. One that does not may have, unless it has died: only it could tell.
    const isPast = answer === undefined ? past.isDead(server) : answer[stream] === undefined;
    return isPast ? this.ofPast(server, stream) : end;
  }

  /** The end of what was published in the last life of that server that is over: viewers of any server may have followed it. Never rejects. */
  async ofPast(server: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    const { past, peers, now } = this.#options;
    if (past.over(server) === undefined) return undefined;
    // Taken now: in a moment this server may see what comes next.
    let newest = this.#seen(stream, server);
    const others = () => peers().filter((peer) => peer !== server);
    const answers = await this.#questions.ask({ path: seenEndsPath, of: server, to: others }, stream);
    for (const answer of answers.values()) newest = newer(newest, believed(parseSeen(answer[stream]), now()));
    return past.of(stream, server, newest);
  }

  /** The end of what this server published of it in its life before, as peers know and as it kept itself. Never rejects. */
  async ofOwnPast(stream: StreamName): Promise<Ticks | undefined> {
    const to = () => this.#options.peers().slice(0, askedOfPast);
    const answers = await this.#questions.ask({ path: pastEndsPath, to }, stream);
    const told = [...answers.values()].map((answer) => this.#endIn(answer[stream]));
    const ends = [...told, this.known.ofOwnPast(stream)].filter((end) => end !== undefined);
    return ends.length === 0 ? undefined : ticks(Math.max(...ends));
  }

  /** Who had the stream last, as all that are heard have kept; undefined when nobody knows that anybody had it. Never rejects. */
  async last(stream: StreamName): Promise<LastEnd | undefined> {
    const { self, peers, now } = this.#options;
    // Asked now: in a moment this server has it itself.
    const own = this.known.of(stream);
    const answers = await this.#questions.ask({ path: keptEndsPath, to: peers }, stream);
    const words = [...answers].map(([by, answer]) => [by, believed(parseKeptEnd(answer[stream]), now())] as const);
    const here = new Set([self, ...answers.keys()]);
    let last: LastEnd | undefined;
    for (const [by, end] of [[self, own] as const, ...words]) {
      // Who is here knows best itself.
      if (end === undefined || (end.server !== by && here.has(end.server))) continue;
      if (last === undefined || later(end, last) === end) last = { ...end, isOwnWord: end.server === by };
    }
    return last;
  }

  /** Reports this server's newest segments to some that outlive it. Never rejects. */
  async report(news: ReadonlyMap<StreamName, SeenSegment>): Promise<void> {
    if (news.size === 0) return;
    const { self, peers, client } = this.#options;
    const ring = [...peers()].sort();
    // Each has its own neighbours, so that nobody is told by all.
    const next = ring.findIndex((peer) => peer > self);
    const behind = next < 0 ? ring : [...ring.slice(next), ...ring.slice(0, next)];
    const body = { newest: Object.fromEntries(news) };
    const { signal } = this.#closing;
    const tell = (peer: ServerName) =>
      client().call({ peer, path: reportEndsPath, body, within: reportWithin, signal });
    await Promise.all(behind.slice(0, reportsTo).map(tell));
  }

  /** The peers' side, by path. */
  get handlers(): Readonly<Record<string, PeerHandler>> {
    const { own, past, reported, clock } = this.#options;
    return endsHandlers({
      own,
      past: (stream, asking) => past.of(stream, asking, this.#seen(stream, asking)),
      seen: (stream, of) => this.#seen(stream, of),
      kept: (stream) => this.known.of(stream),
      report: (from, newest) => reported.add(from, newest, clock.monotonic()),
    });
  }

  close(): void {
    this.#closing.abort();
    this.#questions.close();
  }

  #seen(stream: StreamName, server: ServerName): SeenSegment | undefined {
    const { seen, reported, now } = this.#options;
    return believed(newer(seen(stream, server), reported.newest(stream, server)), now());
  }

  /** The end that a peer tells; undefined when it tells none that can be. */
  #endIn(told: unknown): Ticks | undefined {
    if (typeof told !== 'number' || !Number.isSafeInteger(told)) return undefined;
    return believed({ end: ticks(told) }, this.#options.now())?.end;
  }
}
