import type { PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler } from '../../group/peer-service.ts';
import type { Clock } from '../../units/clock.ts';
import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Instant, millis } from '../../units/time.ts';
import { type KeptEnd, later, parseKeptEnd } from './kept-ends.ts';
import { ReportedEnds } from './reported-ends.ts';

export const endsPath = '/peer/v1/ends';

/** A busy peer answers within this, or what was lost stays unknown. */
const answerWithin = millis(5_000);

/** Streams begin, and are taken over, one by one within a moment: one question to each peer asks for those of so long. */
const gatherFor = millis(200);

/** A server reports its newest segments to so many others: one of two is left when it dies with the other. */
const reportsTo = 2;

/** A report that takes longer is overtaken by the next. */
const reportWithin = millis(1_000);

/** The newest segment of a server that another one knows of, 90 kHz UTC. */
export interface SeenSegment {
  readonly start: Ticks;
  readonly end: Ticks;
}

/** Who had a stream last, as the servers that are here know. */
export interface LastEnd extends KeptEnd {
  /** That server tells it itself; else it may have gone on when the others were gone already. */
  readonly isOwnWord: boolean;
}

export interface EndsOptions {
  readonly self: ServerName;
  readonly clock: Clock;
  readonly client: () => Pick<PeerClient, 'call'>;
  /** Who may be asked: the peers that live. */
  readonly peers: () => readonly ServerName[];
  /** The end of what this process published last of the stream, 90 kHz UTC. */
  readonly own: (stream: StreamName) => Ticks | undefined;
  /** What this server saw of the stream at `server` lately. */
  readonly seen: (stream: StreamName, server: ServerName) => SeenSegment | undefined;
  /** The end of what `server` published of it in the life before its present one, or before its death, when `seen` is the newest that anybody saw. */
  readonly ofPast: (stream: StreamName, server: ServerName, seen: SeenSegment | undefined) => Ticks | undefined;
  /** What this server and its life before have kept of the stream. */
  readonly kept: (stream: StreamName) => KeptEnd | undefined;
}

interface Question {
  readonly streams: readonly StreamName[];
  readonly of?: ServerName;
}

/** What each peer that answered knows of the streams that it was asked for. */
type Answers = ReadonlyMap<ServerName, Readonly<Record<string, unknown>>>;

/** Where each server's part of a stream's timeline ended, as that server tells for as long as its process lives: its window is gone long before. */
export class Ends {
  readonly #options: EndsOptions;
  readonly #closing = new AbortController();
  readonly #reported = new ReportedEnds();
  readonly #gathering = new Map<string, { readonly streams: Set<StreamName>; readonly answers: Promise<Answers> }>();

  constructor(options: EndsOptions) {
    this.#options = options;
  }

  /** The end of what that peer published last of the stream, as it tells itself, else as the others know. Never rejects. */
  async at(peer: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    return (await this.#ask(peer, { stream })) ?? this.ofPast(peer, stream);
  }

  /** The same of one that is dead or lives anew: viewers of any server may have followed it. Never rejects. */
  async ofPast(server: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    let newest = this.#seen(stream, server);
    for (const answer of (await this.#gather(server, stream)).values()) {
      const theirs = parseSeen(answer[stream]);
      newest = newer(newest, theirs);
    }
    return this.#options.ofPast(stream, server, newest);
  }

  /** Reports this server's newest segments to some that outlive it. Never rejects. */
  async report(news: ReadonlyMap<StreamName, SeenSegment>): Promise<void> {
    if (news.size === 0) return;
    const { self, peers } = this.#options;
    const ring = [...peers()].sort();
    // Each has its own neighbours, so that nobody is told by all.
    const next = ring.findIndex((peer) => peer > self);
    const behind = next < 0 ? ring : [...ring.slice(next), ...ring.slice(0, next)];
    const body = { newest: Object.fromEntries(news) };
    await Promise.all(behind.slice(0, reportsTo).map((peer) => this.#call(peer, body, reportWithin)));
  }

  /** When that server reported last: it lived then. */
  reportedAt(server: ServerName): Instant | undefined {
    return this.#reported.lastAt(server);
  }

  #seen(stream: StreamName, server: ServerName): SeenSegment | undefined {
    return newer(this.#options.seen(stream, server), this.#reported.newest(stream, server));
  }

  /** The end of what this server published of it in its life before, as these peers know. Never rejects. */
  async ofOwnPast(stream: StreamName, peers: readonly ServerName[]): Promise<Ticks | undefined> {
    const told = await Promise.all(peers.map((peer) => this.#ask(peer, { stream, past: true })));
    const known = told.filter((end) => end !== undefined);
    return known.length === 0 ? undefined : ticks(Math.max(...known));
  }

  /** Who had the stream last, as all that live have kept; undefined when nobody knows that anybody had it. Never rejects. */
  async last(stream: StreamName): Promise<LastEnd | undefined> {
    const { self, kept } = this.#options;
    // Asked now: in a moment this server has it itself.
    const own = kept(stream);
    const answers = await this.#gather(undefined, stream);
    const words = [...answers].map(([by, answer]) => [by, parseKeptEnd(answer[stream])] as const);
    const here = new Set([self, ...answers.keys()]);
    let last: LastEnd | undefined;
    for (const [by, end] of [[self, own] as const, ...words]) {
      // Who is here knows best itself.
      if (end === undefined || (end.server !== by && here.has(end.server))) continue;
      if (last === undefined || later(end, last) === end) last = { ...end, isOwnWord: end.server === by };
    }
    return last;
  }

  /** Asks all for a stream, together with the others that are asked for at that time. `of`: what they saw at that server, else what they kept. */
  async #gather(of: ServerName | undefined, stream: StreamName): Promise<Answers> {
    const key = of ?? '';
    const open = this.#gathering.get(key) ?? this.#begin(key, of);
    open.streams.add(stream);
    return open.answers;
  }

  #begin(key: string, of: ServerName | undefined) {
    const streams = new Set<StreamName>();
    const { signal } = this.#closing;
    const gathered = this.#options.clock.sleep(gatherFor, signal).catch(() => undefined);
    const answers = gathered.then(() => {
      this.#gathering.delete(key);
      return this.#askAll({ streams: [...streams], ...(of !== undefined && { of }) });
    });
    const begun = { streams, answers };
    this.#gathering.set(key, begun);
    return begun;
  }

  async #askAll(body: Question): Promise<Answers> {
    const peers = this.#options.peers().filter((peer) => peer !== body.of);
    const answers = await Promise.all(
      peers.map(async (peer) => {
        const { ends } = (await this.#call(peer, body)) as { readonly ends?: unknown };
        const isTold = typeof ends === 'object' && ends !== null;
        return isTold ? ([[peer, ends as Record<string, unknown>]] as const) : [];
      }),
    );
    return new Map(answers.flat());
  }

  async #ask(
    peer: ServerName,
    body: { readonly stream: StreamName; readonly past?: true },
  ): Promise<Ticks | undefined> {
    const { end } = (await this.#call(peer, body)) as { readonly end?: unknown };
    return typeof end === 'number' && Number.isSafeInteger(end) ? ticks(end) : undefined;
  }

  async #call(peer: ServerName, body: object, within = answerWithin): Promise<object> {
    const { signal } = this.#closing;
    const outcome = await this.#options.client().call({ peer, path: endsPath, body, within, signal });
    const isTold = outcome.ok && outcome.status === 200 && typeof outcome.body === 'object';
    return isTold ? (outcome.body ?? {}) : {};
  }

  /** The peers' side. */
  readonly handler: PeerHandler = ({ from, body }) => {
    const asked = (body ?? {}) as Readonly<Record<'stream' | 'past' | 'streams' | 'of' | 'newest', unknown>>;
    if (typeof asked.newest === 'object' && asked.newest !== null) {
      this.#reported.add(from, parseNewest(asked.newest), this.#options.clock.monotonic());
      return Promise.resolve({ status: 200, body: {} });
    }
    if (Array.isArray(asked.streams)) {
      const names = (asked.streams as unknown[]).filter((name): name is string => typeof name === 'string');
      return Promise.resolve({ status: 200, body: { ends: this.#endsOf(names.map(streamName), asked.of) } });
    }
    if (typeof asked.stream !== 'string') return Promise.resolve({ status: 400, body: {} });
    const { own, ofPast } = this.#options;
    const stream = streamName(asked.stream);
    const end = asked.past === true ? ofPast(stream, from, this.#seen(stream, from)) : own(stream);
    return Promise.resolve({ status: 200, body: { end: end ?? null } });
  };

  #endsOf(streams: readonly StreamName[], of: unknown): object {
    const { kept } = this.#options;
    const find = typeof of === 'string' ? (stream: StreamName) => this.#seen(stream, serverName(of)) : kept;
    return Object.fromEntries(
      streams.flatMap((stream) => [[stream, find(stream)] as const]).filter(([, end]) => end !== undefined),
    );
  }

  close(): void {
    this.#closing.abort();
  }
}

function newer(a: SeenSegment | undefined, b: SeenSegment | undefined): SeenSegment | undefined {
  return a === undefined || (b !== undefined && b.end > a.end) ? b : a;
}

function parseNewest(value: object): Map<StreamName, SeenSegment> {
  const found = new Map<StreamName, SeenSegment>();
  for (const [stream, told] of Object.entries(value)) {
    const segment = parseSeen(told);
    if (segment !== undefined) found.set(streamName(stream), segment);
  }
  return found;
}

function parseSeen(value: unknown): SeenSegment | undefined {
  const { start, end } = (value ?? {}) as { readonly start?: unknown; readonly end?: unknown };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return undefined;
  return { start: ticks(Number(start)), end: ticks(Number(end)) };
}
