import { unreachable } from '../units/assert.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import { after, between, earliest, type Instant, instant, never } from '../units/time.ts';
import { Candidates } from './captures/candidates.ts';
import { Captures } from './captures/captures.ts';
import { SourceFailure } from './captures/source-failure.ts';
import { Departure } from './handover/departure.ts';
import { Giving } from './handover/giving.ts';
import { Taking } from './handover/taking.ts';
import { OwnLife } from './knowledge/own-life.ts';
import type { Peer } from './knowledge/peer.ts';
import { Roster } from './knowledge/roster.ts';
import { Correspondence } from './peers/correspondence.ts';
import { Evidence, Looks } from './peers/evidence.ts';
import { Exchange } from './peers/exchange.ts';
import { Membership } from './peers/membership.ts';
import { Placement } from './placement/placement.ts';
import { bounds } from './step/bounds.ts';
import type { ClusterConfig } from './step/cluster-config.ts';
import type { ClusterCore, ClusterCoreOptions } from './step/core.ts';
import type { Effect } from './step/effect.ts';
import type { Event } from './step/event.ts';
import { Turn } from './step/turn.ts';
import type { ServerView, StreamView } from './step/view.ts';
import { HeldStream } from './streams/held-stream.ts';
import { IdleStream } from './streams/idle-stream.ts';
import { Owners } from './streams/owners.ts';
import { Streams } from './streams/streams.ts';
import { Views } from './views.ts';

export function createClusterCore(options: ClusterCoreOptions): ClusterCore {
  return new Core(options);
}

/** Before the first step: send `wake` at once. */
const atOnce = instant(Number.MIN_SAFE_INTEGER);

/** Composition only: each step takes the event in, brings members and streams up to date, then speaks. */
class Core implements ClusterCore {
  readonly #options: ClusterCoreOptions;
  readonly #roster: Roster;
  #parts: Parts | undefined;
  #wakeDue: Instant = atOnce;
  /** Left, stood still, or outlived: this life is over. */
  #over = false;

  constructor(options: ClusterCoreOptions) {
    this.#options = options;
    this.#roster = new Roster(options.self, options.incarnation, options.config);
  }

  step(event: Event, now: Instant): Effect[] {
    if (this.#over) return [];
    const turn = new Turn(now);
    const parts = this.#begun(now);
    if (this.#standsStill(turn)) return this.#end({ type: 'reincarnate', above: undefined }, turn);
    this.#take(event, parts, turn);
    const { endsAt, outlivedBy } = parts.life;
    if (now >= endsAt) return this.#end({ type: 'reincarnate', above: outlivedBy }, turn);
    this.#settleAll(parts, turn);
    this.#over = parts.departure.left;
    this.#wakeDue = this.#over ? never : this.#next(parts, now);
    return turn.effects;
  }

  nextWake(): Instant {
    return this.#wakeDue;
  }

  home(stream: StreamName): ServerName | undefined {
    return this.#roster.home(stream);
  }

  owner(stream: StreamName): ServerName | undefined {
    return this.#roster.streams.get(stream)?.owner;
  }

  servers(now: Instant): ServerView[] {
    return this.#parts?.views.servers(now) ?? [];
  }

  streams(): StreamView[] {
    return this.#parts?.views.streams() ?? [];
  }

  #end(last: Effect, turn: Turn): Effect[] {
    this.#over = true;
    this.#wakeDue = never;
    turn.emit(last);
    return turn.effects;
  }

  #begun(now: Instant): Parts {
    if (this.#parts === undefined) {
      this.#roster.adopt(this.#options.config, now);
      this.#roster.allDirty();
      this.#parts = assemble(this.#roster, this.#options, now);
      this.#wakeDue = now;
    }
    return this.#parts;
  }

  /** Tells of a standstill until now; whether its peers have taken its streams. Nobody took those of a server that is alone. */
  #standsStill(turn: Turn): boolean {
    const forMs = Math.round(between(this.#wakeDue, turn.now));
    const beginsAnew = this.#roster.peers.size > 0 && forMs > this.#roster.ownStaleTimeout;
    if (beginsAnew || forMs > bounds.toldStandstill) turn.notice({ kind: 'stood-still', forMs, beginsAnew });
    return beginsAnew;
  }

  #take(event: Event, parts: Parts, turn: Turn): void {
    const { exchange, evidence, looks, streams, departure } = parts;
    switch (event.type) {
      case 'wake':
        break;
      case 'request':
        exchange.request(event, turn);
        evidence.heedOthers(turn);
        break;
      case 'request-gone':
        this.#brokeOff(exchange.requestGone(event.reply), parts, turn);
        break;
      case 'answer':
        exchange.answer(event, turn);
        evidence.heedOthers(turn);
        break;
      case 'poll-failed':
        this.#pollFailed(event, parts, turn);
        break;
      case 'probe-request':
        looks.asked(event, turn);
        break;
      case 'probe-result':
        looks.looked(event, turn);
        evidence.heedOthers(turn);
        break;
      case 'witness-result':
        evidence.witnessed(event, turn);
        break;
      case 'capture':
        streams.fact(event, turn);
        break;
      case 'config':
        this.#configure(event.config, parts, turn);
        break;
      case 'drain':
        departure.drain(turn);
        break;
      case 'undrain':
        departure.undrain(turn);
        break;
      case 'leave':
        departure.leave(turn, event.linger);
        break;
      default:
        unreachable(event);
    }
  }

  #pollFailed(event: Extract<Event, { type: 'poll-failed' }>, { exchange, evidence }: Parts, turn: Turn): void {
    const peer = exchange.pollFailed(event, turn);
    if (peer !== undefined) evidence.weigh(peer, turn);
  }

  #brokeOff(peer: Peer | undefined, { evidence, looks }: Parts, turn: Turn): void {
    if (peer === undefined) return;
    looks.brokeOff(peer, turn);
    evidence.weigh(peer, turn);
  }

  #configure(config: ClusterConfig, parts: Parts, turn: Turn): void {
    const gone = this.#roster.adopt(config, turn.now);
    this.#roster.placement = new Placement(config.servers, config.streams);
    for (const peer of gone.peers) {
      parts.exchange.dismiss(peer, turn);
      parts.membership.forget(peer.name);
    }
    for (const stream of gone.streams) parts.streams.remove(stream, turn);
    // A group that no longer has this server does not hear it: whatever it goes on capturing, the others capture too.
    if (!config.servers.some((server) => server.name === this.#roster.self))
      parts.departure.leave(turn, undefined, 'config');
    this.#roster.allDirty();
  }

  #settleAll(parts: Parts, turn: Turn): void {
    const { membership, streams, taking, departure, exchange, owners } = parts;
    if (membership.update(turn)) this.#roster.allDirty();
    streams.look(turn);
    taking.begin(turn);
    departure.proceed(turn);
    streams.look(turn);
    departure.conclude(turn);
    exchange.flush(turn);
    owners.flush(turn);
  }

  #next(parts: Parts, now: Instant): Instant {
    const { exchange, membership, streams, taking, departure, life } = parts;
    return earliest(
      life.endsAt,
      exchange.nextWake(),
      membership.nextWake(now),
      streams.nextWake(),
      taking.nextWake(),
      departure.nextWake(),
      after(now, bounds.pulse),
    );
  }
}

type Parts = ReturnType<typeof assemble>;

function assemble(roster: Roster, options: ClusterCoreOptions, now: Instant) {
  const life = new OwnLife(now, options.born);
  const membership = new Membership(roster, life);
  const exchange = new Exchange(roster, new Correspondence(roster, life));
  const candidates = new Candidates(roster, membership);
  const captures = new Captures(roster);
  const sources = new SourceFailure(roster, candidates, captures);
  const taking = new Taking({ roster, life, membership, captures, sources, random: options.random });
  const giving = new Giving(roster, membership, candidates, captures);
  const idle = new IdleStream(roster, life, membership, candidates, captures);
  const held = new HeldStream({ roster, membership, captures, sources, taking, giving });
  const owners = new Owners(roster);
  return {
    life,
    membership,
    exchange,
    evidence: new Evidence(roster, life),
    looks: new Looks(roster),
    streams: new Streams({ roster, captures, sources, idle, held, taking, giving, owners }),
    taking,
    departure: new Departure(roster, life, captures, giving),
    owners,
    views: new Views(roster, membership, candidates),
  };
}
