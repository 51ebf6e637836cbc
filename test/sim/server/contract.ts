import type { ClusterConfig } from '../../../src/cluster/step/cluster-config.ts';
import type { Effect } from '../../../src/cluster/step/effect.ts';
import type { Event, ReplyToken } from '../../../src/cluster/step/event.ts';
import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import type { Instant } from '../../../src/units/time.ts';
import { Finding } from '../finding.ts';

/** A core that names the past as its next wake more often than this without time passing would spin its shell. */
const wakesAtOneInstant = 3;

/** Holds one life of the core to what event.ts and effect.ts say of it. */
export class Contract {
  readonly #server: ServerName;
  readonly #parked = new Map<ReplyToken, Instant>();
  readonly #asked = new Map<ReplyToken, ServerName>();
  readonly #started = new Map<StreamName, number>();
  #lastAttempt = new Set<number>();
  #numbers = { poll: -1, probe: -1, ask: -1 };
  #wakes = { at: -1, count: 0 };
  #config: ClusterConfig;
  #leaving = false;
  #left = false;

  constructor(server: ServerName, config: ClusterConfig) {
    this.#server = server;
    this.#config = config;
  }

  /** Before the core learns of an event. */
  event(event: Event): void {
    if (event.type === 'config') this.#config = event.config;
    if (event.type === 'leave') this.#leaving = true;
  }

  parked(token: ReplyToken, now: Instant): void {
    this.#parked.set(token, now);
  }

  gone(token: ReplyToken): void {
    this.#parked.delete(token);
  }

  asked(token: ReplyToken, target: ServerName): void {
    this.#asked.set(token, target);
  }

  /** Requests that the core has had since before `since`. */
  parkedSince(since: Instant): number {
    let count = 0;
    for (const at of this.#parked.values()) if (at < since) count += 1;
    return count;
  }

  effect(effect: Effect): void {
    if (this.#left) this.#broken(`the effect ${effect.type} after "left"`);
    switch (effect.type) {
      case 'poll':
        this.#number('poll', effect.poll);
        this.#within(effect.within);
        this.#peer(effect.peer);
        break;
      case 'probe':
        this.#number('probe', effect.probe);
        this.#within(effect.within);
        break;
      case 'ask-witness':
        this.#number('ask', effect.ask);
        this.#within(effect.within);
        this.#peer(effect.witness);
        break;
      case 'reply':
        if (!this.#parked.delete(effect.reply)) this.#broken(`a reply to ${effect.reply}, which waits for none`);
        break;
      case 'reply-probe':
        if (this.#asked.get(effect.reply) !== effect.target) this.#broken(`a probe's reply that nobody waits for`);
        this.#asked.delete(effect.reply);
        break;
      case 'start':
        this.#start(effect.stream, effect.attempt, effect.from);
        break;
      case 'stop':
        if (this.#started.get(effect.stream) !== effect.attempt) {
          this.#broken(`a stop of attempt ${effect.attempt}, which does not run`, effect.stream);
        }
        this.#started.delete(effect.stream);
        break;
      case 'left':
        if (!this.#leaving) this.#broken('"left" though nobody asked it to leave');
        if (this.#started.size > 0) this.#broken('"left" with captures running');
        this.#left = true;
        break;
      default:
    }
  }

  /** After each wake: the next one lies in the future, but for a bounded number of catching up. */
  woke(now: Instant, next: Instant): void {
    if (Number.isNaN(next)) this.#broken('nextWake is not a number');
    if (next > now) return;
    this.#wakes = this.#wakes.at === now ? { at: now, count: this.#wakes.count + 1 } : { at: now, count: 1 };
    if (this.#wakes.count > wakesAtOneInstant)
      this.#broken(`after a wake at ${now}, nextWake is ${next} again and again`);
  }

  /** After a new configuration: what it no longer has is no longer captured. */
  configured(): void {
    const known = new Set(this.#config.streams.map((stream) => stream.name));
    for (const stream of this.#started.keys()) {
      if (!known.has(stream)) this.#broken('a capture of a stream that the configuration no longer has', stream);
    }
  }

  #start(stream: StreamName, attempt: number, from: ServerName | undefined): void {
    if (this.#started.has(stream)) this.#broken('a start while its capture runs', stream);
    if (this.#lastAttempt.has(attempt)) this.#broken(`attempt ${attempt} is started twice`, stream);
    if (!this.#config.streams.some((known) => known.name === stream))
      this.#broken('a start of an unknown stream', stream);
    if (from === this.#server) this.#broken('a start from itself', stream);
    if (this.#leaving && this.#left) this.#broken('a start after leaving', stream);
    this.#lastAttempt.add(attempt);
    this.#started.set(stream, attempt);
  }

  #number(kind: 'poll' | 'probe' | 'ask', value: number): void {
    if (!(value > this.#numbers[kind]))
      this.#broken(`${kind} ${value} after ${this.#numbers[kind]}: numbers only grow`);
    this.#numbers = { ...this.#numbers, [kind]: value };
  }

  #within(within: number): void {
    if (!(within > 0 && Number.isFinite(within))) this.#broken(`a time limit of ${within} ms`);
  }

  #peer(peer: ServerName): void {
    if (peer === this.#server) this.#broken('an exchange with itself');
    if (!this.#config.servers.some((server) => server.name === peer)) this.#broken(`an exchange with unknown ${peer}`);
  }

  #broken(what: string, stream?: StreamName): never {
    throw new Finding('contract', `${this.#server}: ${what}`, { servers: [this.#server], stream });
  }
}
