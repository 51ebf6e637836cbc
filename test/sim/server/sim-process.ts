import type { ClusterConfig } from '../../../src/cluster/step/cluster-config.ts';
import type { ClusterCore, ClusterCoreOptions } from '../../../src/cluster/step/core.ts';
import type { Effect } from '../../../src/cluster/step/effect.ts';
import type { CaptureFact, Event } from '../../../src/cluster/step/event.ts';
import type { Incarnation, ServerName, StreamName } from '../../../src/units/ids.ts';
import type { Instant } from '../../../src/units/time.ts';
import { Finding } from '../finding.ts';
import { MediaSide } from '../media/media-side.ts';
import type { Endpoint } from '../network/sim-network.ts';
import type { Random } from '../random.ts';
import type { Cancel } from '../schedule.ts';
import type { World } from '../world.ts';
import { Contract } from './contract.ts';
import { describeEffect, describeEvent } from './describe.ts';
import { EventLoop } from './event-loop.ts';
import { PeerCalls } from './peer-calls.ts';
import type { SimServer } from './sim-server.ts';

export type CreateCore = (options: ClusterCoreOptions) => ClusterCore;

/** A timer of a real event loop fires up to this much late. */
const timerLatenessMs = 1.5;

/** One life of a server process: the shell around the core, whose every event comes through one event loop. */
export class SimProcess implements Endpoint {
  readonly host: ServerName;
  readonly core: ClusterCore;
  readonly media: MediaSide;
  readonly contract: Contract;
  readonly #world: World;
  readonly #server: SimServer;
  readonly #random: Random;
  readonly #loop: EventLoop;
  readonly #calls: PeerCalls;
  /** The last that the core learned of each capture. */
  readonly #told = new Map<StreamName, CaptureFact['kind']>();
  #wake: { at: Instant; cancel: Cancel } | undefined;

  constructor(world: World, server: SimServer, life: { incarnation: Incarnation; config: ClusterConfig }) {
    this.#world = world;
    this.#server = server;
    this.host = server.name;
    const random = world.random.fork(`process/${server.name}/${life.incarnation}`);
    this.#random = random;
    this.#loop = new EventLoop(world.schedule, () => (server.lagMs > 0 ? random.between(0, server.lagMs) : 0));
    this.contract = new Contract(server.name, life.config);
    const jitter = random.fork('core');
    const { incarnation, config } = life;
    this.core = world.createCore({ self: server.name, incarnation, config, random: () => jitter.next() });
    this.media = this.#makeMedia();
    this.#calls = new PeerCalls({
      process: this,
      network: world.network,
      clock: server.clock,
      contract: this.contract,
      staleMs: world.options.staleMs,
      isPeer: (name) => server.config.servers.some((peer) => peer.name === name),
      step: (event) => this.step(event),
      callsOf: (process) => (process instanceof SimProcess ? process.#calls : undefined),
    });
  }

  /** Neither frozen nor gone. */
  get running(): boolean {
    return this.#loop.state === 'running';
  }

  get frozen(): boolean {
    return this.#loop.state === 'frozen';
  }

  /** The core captures the stream and was last told that frames come. */
  believes(stream: StreamName): boolean {
    const told = this.#told.get(stream);
    return (told === 'frames' || told === 'ready') && this.media.input(stream) !== undefined;
  }

  begin(): void {
    this.#world.network.listen(this);
    this.run(() => this.step({ type: 'wake' }));
  }

  run(job: () => void): void {
    this.#loop.run(job);
  }

  pause(span: number): void {
    this.#loop.pause(span);
  }

  freeze(): void {
    this.#loop.freeze();
    this.media.refresh();
  }

  thaw(): void {
    // What the system delivers first after a stop, timers or sockets, differs: neither order may matter.
    this.#loop.thaw(this.#random.chance(0.5) ? () => this.step({ type: 'wake' }) : undefined);
    this.media.refresh();
  }

  end(how: 'reset' | 'silent'): void {
    this.#loop.end();
    this.#wake?.cancel();
    if (how === 'reset') this.#calls.abortAll();
    this.media.abandon(how);
    this.#world.network.end(this, how);
  }

  step(event: Event): void {
    const now = this.#server.clock.now();
    const told = describeEvent(event);
    if (told !== undefined) this.#world.trace.say(told.text, this.host, told.stream);
    else this.#world.trace.mix(`${this.host}${event.type}`);
    this.contract.event(event);
    for (const effect of this.#guard(() => this.core.step(event, now))) {
      this.contract.effect(effect);
      this.#perform(effect);
      if (this.#loop.state === 'ended') return;
    }
    if (event.type === 'config') this.contract.configured();
    this.#setWake(event, now);
  }

  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
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
    if (next === Number.POSITIVE_INFINITY) return;
    const { schedule } = this.#world;
    const due = this.#server.clock.worldTime(next) + this.#random.between(0, timerLatenessMs);
    const cancel = schedule.at(next <= now ? schedule.now : due, () => {
      this.#wake = undefined;
      this.run(() => this.step({ type: 'wake' }));
    });
    this.#wake = { at: next, cancel };
  }

  #perform(effect: Effect): void {
    const told = describeEffect(effect);
    if (told !== undefined) this.#world.trace.say(told.text, this.host, told.stream);
    switch (effect.type) {
      case 'poll':
        this.#calls.poll(effect);
        break;
      case 'reply':
        this.#calls.reply(effect);
        break;
      case 'probe':
        this.#calls.probe(effect);
        break;
      case 'ask-witness':
        this.#calls.askWitness(effect);
        break;
      case 'reply-probe':
        this.#calls.replyProbe(effect);
        break;
      case 'start':
        this.#start(effect);
        break;
      case 'stop':
        this.#stop(effect);
        break;
      case 'notice':
        this.#world.observe({ type: 'notice', server: this.host, notice: effect.notice });
        break;
      case 'owners-changed':
        this.#world.observe({ type: 'owners-changed', server: this.host, streams: effect.streams });
        break;
      case 'reincarnate':
        this.#server.reincarnate();
        break;
      case 'left':
        this.#server.left();
        break;
      default:
    }
  }

  #start({ stream, attempt, from, cause }: Extract<Effect, { type: 'start' }>): void {
    this.#told.delete(stream);
    this.media.start({ stream, attempt, from, sourceTimeoutMs: this.#server.sourceTimeoutMs(stream) });
    this.#world.observe({ type: 'start', server: this.host, stream, from, cause });
  }

  /** Told before it is done, so that the checkers see what the core decided upon: also, whether it knew of frames. */
  #stop({ stream, to, cause }: Extract<Effect, { type: 'stop' }>): void {
    const flowed = this.believes(stream) && this.media.input(stream)?.flows === true;
    this.#world.observe({ type: 'stop', server: this.host, stream, to, cause, flowed });
    this.media.stop(stream);
  }

  #makeMedia(): MediaSide {
    const { schedule, options } = this.#world;
    return new MediaSide({
      host: this.host,
      schedule,
      random: this.#random.fork('media'),
      media: options.media,
      camera: (stream) => this.#world.camera(stream),
      running: () => this.running,
      adoptable: (stream, from) => this.#world.adoptable(stream, from, this.host),
      fact: ({ stream, attempt }, fact) =>
        this.run(() => {
          this.#told.set(stream, fact.kind);
          this.#world.observe({ type: 'fact', server: this.host, stream, fact });
          this.step({ type: 'capture', stream, attempt, fact });
        }),
      flow: (input, flows) => this.#world.flow(this.host, input.stream, flows),
    });
  }
}
