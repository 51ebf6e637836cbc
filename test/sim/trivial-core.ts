import type { ClusterCore, ClusterCoreOptions } from '../../src/cluster/step/core.ts';
import type { Effect } from '../../src/cluster/step/effect.ts';
import type { Event } from '../../src/cluster/step/event.ts';
import type { ServerView } from '../../src/cluster/step/view.ts';
import type { ServerName, StreamName } from '../../src/units/ids.ts';
import { after, type Instant, instant, millis } from '../../src/units/time.ts';

/**
 * A core without a thought: every server captures its share for ever, whatever happens to the others. Right as long as nothing
 * goes wrong, so that the simulator can be tested without the real one, and wrong in just the way that its checkers must see.
 */
export function createTrivialCore(options: ClusterCoreOptions): ClusterCore {
  let { config } = options;
  let next: Instant = instant(0);
  let polls = 0;
  let attempts = 0;
  const started = new Map<StreamName, number>();

  function home(stream: StreamName): ServerName | undefined {
    const unpinned = config.streams.filter((one) => one.captureAt === undefined);
    const index = unpinned.findIndex((one) => one.name === stream);
    const pin = config.streams.find((one) => one.name === stream)?.captureAt;
    return pin ?? config.servers[index % config.servers.length]?.name;
  }

  function wake(now: Instant, first: boolean): Effect[] {
    next = after(now, millis(config.servers[0]?.fetchTimeout ?? 1000));
    const effects: Effect[] = first ? [{ type: 'notice', notice: { kind: 'settled', afterMs: 0, missing: [] } }] : [];
    effects.push({ type: 'owners-changed', streams: config.streams.map((stream) => stream.name) });
    for (const { name } of config.servers) {
      if (name === options.self) continue;
      effects.push({
        type: 'poll',
        peer: name,
        poll: polls++,
        message: {} as never,
        within: millis(1000),
        fresh: false,
      });
    }
    for (const { name } of config.streams) {
      if (home(name) !== options.self || started.has(name)) continue;
      const attempt = attempts++;
      started.set(name, attempt);
      effects.push({ type: 'start', stream: name, attempt, from: undefined, standIn: false, cause: 'assigned' });
    }
    return effects;
  }

  return {
    step(event: Event, now: Instant): Effect[] {
      if (event.type === 'config') config = event.config;
      if (event.type === 'wake') return wake(now, polls + started.size === 0);
      if (event.type === 'request') return [{ type: 'reply', reply: event.reply, message: event.message }];
      return [];
    },
    nextWake: () => next,
    home,
    owner: home,
    servers: (now): ServerView[] =>
      config.servers.map(({ name }) => ({
        name,
        self: name === options.self,
        state: 'alive',
        lastHeard: now,
        incarnation: undefined,
        configDigest: config.digest,
        minority: false,
        captured: 0,
      })),
    streams: () => [],
  };
}
