import type { ClusterConfig } from '../../../src/cluster/cluster-config.ts';
import type { ClusterCore, ClusterCoreOptions } from '../../../src/cluster/core.ts';
import type { Effect } from '../../../src/cluster/effect.ts';
import type { Event, ProbeResult } from '../../../src/cluster/event.ts';
import type { Message } from '../../../src/cluster/message.ts';
import type { Incarnation, ServerName } from '../../../src/units/ids.ts';
import type { Instant } from '../../../src/units/time.ts';
import { Finding } from '../finding.ts';
import { MediaSide } from '../media/media-side.ts';
import type { Call, Outcome } from '../network/exchange.ts';
import type { Endpoint } from '../network/sim-network.ts';
import type { Random } from '../random.ts';
import type { Cancel } from '../schedule.ts';
import type { World } from '../world.ts';
import { Contract } from './contract.ts';
import { describeEffect, describeEvent } from './describe.ts';
import type { SimServer } from './sim-server.ts';
import { encode } from './wire-json.ts';

export type CreateCore = (options: ClusterCoreOptions) => ClusterCore;

/** A timer of a real event loop fires up to this much late. */
const timerLatenessMs = 1.5;

/**
 * One life of a server process: the shell around the real core. All that happens in it goes through one inbox, in order:
 * late while it is slow, not at all while it is frozen.
 */
export class SimProcess implements Endpoint {
  readonly host: ServerName;
  readonly core: ClusterCore;
  readonly media: MediaSide;
  readonly contract: Contract;
  readonly #world: World;
  readonly #server: SimServer;
  readonly #random: Random;
  readonly #inbox: (() => void)[] = [];
  readonly #polls = new Map<ServerName, () => void>();
  readonly #calls = new Map<number, Call>();
  readonly #challenges = new WeakSet<Endpoint>();
  #tokens = 0;
  #frozen = false;
  #ended = false;
  #pumping = false;
  #busyUntil = 0;
  #wake: { at: Instant; cancel: Cancel } | undefined;
  #left = false;

  constructor(world: World, server: SimServer, life: { incarnation: Incarnation; config: ClusterConfig }) {
    this.#world = world;
    this.#server = server;
    this.host = server.name;
    this.#random = world.random.fork(`process/${server.name}/${life.incarnation}`);
    this.contract = new Contract(server.name, life.config);
    const jitter = this.#random.fork('core');
    this.core = world.createCore({
      self: server.name,
      incarnation: life.incarnation,
      config: life.config,
      random: () => jitter.next(),
    });
    this.media = new MediaSide({
      host: server.name,
      schedule: world.schedule,
      random: this.#random.fork('media'),
      media: world.options.media,
      camera: (stream) => world.camera(stream),
      running: () => this.running,
      adoptable: (stream, from) => world.adoptable(stream, from, server.name),
      fact: (input, fact) => {
        const { stream, attempt } = input;
        this.run(() => this.step({ type: 'capture', stream, attempt, fact }));
      },
      flow: (input, flows) => world.flow(server.name, input.stream, flows),
    });
  }

  /** Neither frozen nor gone. */
  get running(): boolean {
    return !this.#frozen && !this.#ended;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  begin(): void {
    this.#world.network.listen(this);
    this.run(() => this.step({ type: 'wake' }));
  }

  run(job: () => void): void {
    if (this.#ended) return;
    this.#inbox.push(job);
    // Drawn when it wakes up, not per event: being late is not being overloaded without end.
    const lag = this.#inbox.length === 1 && this.#server.lagMs > 0 ? this.#random.between(0, this.#server.lagMs) : 0;
    if (lag > 0) this.#busyUntil = Math.max(this.#busyUntil, this.#world.schedule.now + lag);
    this.#pump();
  }

  /** The event loop does nothing for this long, then all that came meanwhile. */
  pause(span: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.#world.schedule.now + span);
  }

  freeze(): void {
    this.#frozen = true;
    this.media.refresh();
  }

  thaw(): void {
    this.#frozen = false;
    this.media.refresh();
    // What the system delivers first after a stop, timers or sockets, differs: neither order may matter.
    if (this.#random.chance(0.5)) this.#inbox.unshift(() => this.step({ type: 'wake' }));
    this.#pump();
  }

  end(how: 'reset' | 'silent'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.cancel();
    for (const abort of this.#polls.values()) if (how === 'reset') abort();
    this.media.abandon(how);
    this.#world.network.end(this, how);
  }

  step(event: Event): void {
    if (this.#ended || this.#left) return;
    const now = this.#server.clock.now();
    const told = describeEvent(event);
    if (told !== undefined) this.#world.trace.say(told.text, this.host, told.stream);
    else this.#world.trace.mix(`${this.host}${event.type}`);
    const effects = this.#guard(() => this.core.step(event, now));
    for (const effect of effects) {
      this.contract.effect(effect);
      this.#perform(effect);
      if (this.#ended) return;
    }
    if (event.type === 'config') this.contract.configured();
    this.#setWake(event, now);
  }

  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof Finding) throw error;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Finding('contract', `${this.host}: the core threw ${text}`, { servers: [this.host] }, error);
    }
  }

  #setWake(event: Event, now: Instant): void {
    const next = this.#guard(() => this.core.nextWake());
    if (event.type === 'wake') this.contract.woke(now, next);
    if (this.#wake?.at === next) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (!Number.isFinite(next) && next > 0) return;
    const { schedule } = this.#world;
    const at =
      next <= now ? schedule.now : this.#server.clock.worldTime(next) + this.#random.between(0, timerLatenessMs);
    const cancel = schedule.at(at, () => {
      this.#wake = undefined;
      this.run(() => this.step({ type: 'wake' }));
    });
    this.#wake = { at: next, cancel };
  }

  #pump(): void {
    if (this.#pumping || this.#frozen || this.#ended) return;
    if (this.#busyUntil > this.#world.schedule.now) {
      this.#pumping = true;
      this.#world.schedule.at(this.#busyUntil, () => {
        this.#pumping = false;
        this.#pump();
      });
      return;
    }
    this.#pumping = true;
    for (let job = this.#inbox.shift(); job !== undefined; job = this.#inbox.shift()) {
      job();
      if (this.#frozen || this.#ended) break;
    }
    this.#pumping = false;
  }

  #perform(effect: Effect): void {
    const told = describeEffect(effect);
    if (told !== undefined) this.#world.trace.say(told.text, this.host, told.stream);
    switch (effect.type) {
      case 'poll':
        this.#poll(effect);
        break;
      case 'reply':
        this.#answer(effect.reply, encode(effect.message));
        break;
      case 'reply-probe':
        this.#answer(effect.reply, effect.result);
        break;
      case 'probe':
        this.#probe(effect);
        break;
      case 'ask-witness':
        this.#askWitness(effect);
        break;
      case 'start':
      case 'stop':
        this.#capture(effect);
        break;
      case 'notice':
        this.#world.observe({ type: 'notice', server: this.host, notice: effect.notice });
        break;
      case 'reincarnate':
        this.#server.reincarnate();
        break;
      case 'left':
        this.#left = true;
        this.#server.left();
        break;
      default:
    }
  }

  #capture(effect: Extract<Effect, { type: 'start' | 'stop' }>): void {
    const { stream, cause } = effect;
    if (effect.type === 'start') {
      const { from } = effect;
      this.media.start({
        stream,
        attempt: effect.attempt,
        from,
        sourceTimeoutMs: this.#server.sourceTimeoutMs(stream),
      });
      this.#world.observe({ type: 'start', server: this.host, stream, from, cause });
      return;
    }
    const flowed = this.media.input(stream)?.flows ?? false;
    // Told before it is done, so that the checkers see what the core decided upon.
    this.#world.observe({ type: 'stop', server: this.host, stream, to: effect.to, cause, flowed });
    this.media.stop(stream);
  }

  #poll(effect: Extract<Effect, { type: 'poll' }>): void {
    const { peer, poll } = effect;
    this.#polls.get(peer)?.();
    const abort = this.#ask({
      target: peer,
      body: encode(effect.message),
      within: effect.within,
      fresh: effect.fresh,
      kept: true,
      serve: (process, call) => process.request(call),
      done: (outcome) => {
        this.#polls.delete(peer);
        if (outcome.kind === 'answered') {
          this.step({ type: 'answer', peer, poll, message: JSON.parse(outcome.body) as Message });
        } else this.step({ type: 'poll-failed', peer, poll, reason: outcome.reason });
      },
    });
    this.#polls.set(peer, abort);
  }

  #probe(effect: Extract<Effect, { type: 'probe' }>): void {
    const { target, probe } = effect;
    this.#ask({
      target,
      body: '',
      within: effect.within,
      fresh: true,
      kept: false,
      serve: (_, call) => call.respond('answered'),
      done: (outcome) => this.step({ type: 'probe-result', target, probe, result: resultOf(outcome) }),
    });
  }

  #askWitness(effect: Extract<Effect, { type: 'ask-witness' }>): void {
    const { witness, target, ask } = effect;
    this.#ask({
      target: witness,
      body: target,
      within: effect.within,
      fresh: true,
      kept: false,
      serve: (process, call) => process.probeRequest(call, target),
      done: (outcome) => {
        const result = outcome.kind === 'answered' ? (outcome.body as ProbeResult) : 'silent';
        this.step({ type: 'witness-result', witness, target, ask, result });
      },
    });
  }

  #ask(ask: {
    target: ServerName;
    body: string;
    within: number;
    fresh: boolean;
    kept: boolean;
    serve: (process: SimProcess, call: Call) => void;
    done: (outcome: Outcome) => void;
  }): () => void {
    return this.#world.network.ask({
      client: this,
      target: ask.target,
      body: ask.body,
      withinMs: this.#server.clock.worldSpan(ask.within),
      fresh: ask.fresh,
      kept: ask.kept,
      preludes: (target) => {
        const met = this.#challenges.has(target);
        this.#challenges.add(target);
        return met ? 0 : 1;
      },
      serve: (process, call) => {
        if (process instanceof SimProcess) ask.serve(process, call);
      },
      done: ask.done,
    });
  }

  /** A peer's poll arrives. */
  request(call: Call): void {
    const reply = this.#tokens++;
    this.#calls.set(reply, call);
    this.contract.parked(reply, this.#server.clock.now());
    call.onGone(() => {
      if (!this.#calls.delete(reply)) return;
      this.contract.gone(reply);
      this.step({ type: 'request-gone', reply });
    });
    this.step({ type: 'request', from: call.from, message: JSON.parse(call.body) as Message, reply });
  }

  /** A peer asks this server as a witness. */
  probeRequest(call: Call, target: ServerName): void {
    const reply = this.#tokens++;
    this.#calls.set(reply, call);
    this.contract.asked(reply, target);
    this.step({ type: 'probe-request', from: call.from, target, reply });
  }

  #answer(reply: number, body: string): void {
    this.#calls.get(reply)?.respond(body);
    this.#calls.delete(reply);
  }
}

function resultOf(outcome: Outcome): ProbeResult {
  if (outcome.kind === 'answered') return 'answered';
  return outcome.reason === 'refused' ? 'refused' : 'silent';
}
