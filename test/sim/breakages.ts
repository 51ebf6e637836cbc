import type { Message } from '../../src/cluster/message/message.ts';
import type { ClusterConfig } from '../../src/cluster/step/cluster-config.ts';
import type { ClusterCore } from '../../src/cluster/step/core.ts';
import type { Effect } from '../../src/cluster/step/effect.ts';
import type { Event } from '../../src/cluster/step/event.ts';
import { type Instant, millis } from '../../src/units/time.ts';
import type { CreateCore } from './server/sim-process.ts';

/** What a breakage changes on the way between the shell and a whole core; what it leaves out passes unchanged. */
export interface Meddling {
  readonly config?: (config: ClusterConfig) => ClusterConfig;
  /** What it learns, and what it is made to believe thereby: none, one or several events. */
  readonly event?: (event: Event) => readonly Event[];
  readonly effect?: (effect: Effect) => readonly Effect[];
  /** What it is made to believe because of what it asked for. */
  readonly belief?: (effect: Effect) => readonly Event[];
}

/** A core that is broken from outside, without a hook inside it. */
export function broken(create: CreateCore, meddling: Meddling): CreateCore {
  const { config = same, event = alone, effect = alone, belief = nothing } = meddling;
  return (options): ClusterCore => {
    const core = create({ ...options, config: config(options.config) });
    const step = (learned: Event, now: Instant): Effect[] => {
      const told = learned.type === 'config' ? { ...learned, config: config(learned.config) } : learned;
      const effects = event(told).flatMap((one) => core.step(one, now));
      const more = effects.flatMap((one) => belief(one)).flatMap((one) => step(one, now));
      return [...effects.flatMap((one) => effect(one)), ...more];
    };
    return {
      step,
      nextWake: () => core.nextWake(),
      home: (stream) => core.home(stream),
      owner: (stream) => core.owner(stream),
      servers: (now) => core.servers(now),
      streams: () => core.streams(),
    };
  };
}

/** The same with another text in all that it reads from its peers. */
export function misreading(read: (text: string) => string): (event: Event) => readonly Event[] {
  return (event) => {
    if (event.type !== 'request' && event.type !== 'answer') return [event];
    return [{ ...event, message: JSON.parse(read(JSON.stringify(event.message))) as Message }];
  };
}

/** The same with another state of each peer. */
export function rereading(read: (state: Message['state']) => Message['state']): (event: Event) => readonly Event[] {
  return (event) => {
    if (event.type !== 'request' && event.type !== 'answer') return [event];
    return [{ ...event, message: { ...event.message, state: read(event.message.state) } }];
  };
}

/** Time-outs that are not what the file says. */
export function impatient(factor: number): (config: ClusterConfig) => ClusterConfig {
  return (config) => ({
    ...config,
    servers: config.servers.map((server) => ({ ...server, staleTimeout: millis(server.staleTimeout * factor) })),
  });
}

function same<T>(value: T): T {
  return value;
}

function alone<T>(value: T): readonly T[] {
  return [value];
}

function nothing(): readonly never[] {
  return [];
}
