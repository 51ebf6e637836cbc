import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import { Ends } from '../../events/ends/ends.ts';
import { type KeptEnd, later } from '../../events/ends/kept-ends.ts';
import { PastEnds } from '../../events/ends/past-ends.ts';
import { EventSync } from '../../events/journal/event-sync.ts';
import { Chronicle } from '../../events/telling/chronicle.ts';
import type { StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Millis, millis } from '../../units/time.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** Writes down what happens here. */
export function createChronicle(ground: Ground, parts: Parts): Chronicle {
  const { self, clock, log } = ground.options;
  return new Chronicle({
    self: self.name,
    clock,
    utc: () => parts.media.clocks.utc(),
    incarnation: () => parts.group.incarnation,
    journal: ground.journal,
    log,
    endAt: (stream, from) => parts.ends.at(from, stream),
    ownPastEnd: async (stream) => {
      const told = await parts.ends.ofOwnPast(stream);
      const kept = ownKeptEnd(ground, parts, stream);
      return told === undefined || kept === undefined ? (told ?? kept) : ticks(Math.max(told, kept));
    },
    ownKeptEnd: (stream) => ownKeptEnd(ground, parts, stream),
    lastEnd: (stream) => parts.ends.last(stream),
    isConfigured: (stream) => parts.owners.isConfigured(stream),
    owner: (stream) => parts.owners.owner(stream),
    partedWithin: () => partedWithin(ground.config.cluster),
    onLost: (lost) => parts.front.metrics.videoLost(lost),
  });
}

/** A peer is heard at least once a fetch, so that two that are cut off at once are last heard no further apart. */
function partedWithin({ partition, servers }: ClusterConfig): Millis {
  const longest = Math.max(0, ...servers.map(({ fetchTimeout }) => fetchTimeout));
  return millis(partition === 'majority' ? longest + 1_000 : 0);
}

/** Tells peers where timelines ended here, and asks them. */
export function createEnds(ground: Ground, parts: Parts): Ends {
  const { config, options } = ground;
  const { self, clock } = options;
  const own = (stream: StreamName) => parts.chronicle.timelines.end(stream);
  return new Ends({
    self: self.name,
    clock,
    now: () => groupNow(parts),
    client: () => parts.group.client,
    peers: () => parts.owners.reachablePeers(),
    own,
    seen: (stream, server) => parts.media.remoteWindows.newestAt(stream, server),
    reported: ground.reportedEnds,
    past: new PastEnds({
      view: (server) => parts.owners.view(server),
      reportedAt: (server) => ground.reportedEnds.lastAt(server),
      segmentDuration: (stream) => config.stream(stream)?.segmentDuration,
      own,
      utcAt: (at) => parts.media.clocks.utcAt(at),
    }),
    kept: (stream) => keptEnd(ground, parts, stream),
  });
}

/** The last end that this server knows of: its own, or what is kept. */
function keptEnd({ keptEnds, options }: Ground, parts: Parts, stream: StreamName): KeptEnd | undefined {
  const server = options.self.name;
  const now = groupNow(parts);
  const published = parts.chronicle.timelines.end(stream);
  const own = published === undefined ? keptEnds.own.get(stream, now) : { server, end: published };
  const theirs = keptEnds.others.get(stream, now);
  return own === undefined ? theirs : later(own, theirs);
}

/** Where this server's own part ended in the life before. */
function ownKeptEnd({ keptEnds }: Ground, parts: Parts, stream: StreamName): Ticks | undefined {
  return keptEnds.own.get(stream, groupNow(parts))?.end;
}

/** 90 kHz UTC, in the group's clock. */
function groupNow({ media }: Parts): Ticks {
  return ticks((media.clocks.utc() * 9) / 100);
}

/** Fetches what happened elsewhere. */
export function createSync(ground: Ground, parts: Parts): EventSync {
  const { self, clock } = ground.options;
  return new EventSync({
    self: self.name,
    journal: ground.journal,
    clock,
    utc: () => parts.media.clocks.utc(),
    client: () => parts.group.client,
    onNews: (event) => parts.chronicle.heard(event),
  });
}
