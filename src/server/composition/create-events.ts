import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import { Ends } from '../../events/ends/ends.ts';
import { LastKnown } from '../../events/ends/last-known.ts';
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
    ownPastEnd: (stream) => parts.ends.ofOwnPast(stream),
    ownKeptEnd: (stream) => parts.ends.known.ofOwnPast(stream),
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
  const now = (): Ticks => ticks((parts.media.clocks.utc() * 9) / 100);
  const own = (stream: StreamName) => parts.chronicle.timelines.end(stream);
  return new Ends({
    self: self.name,
    clock,
    now,
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
    known: new LastKnown({ self: self.name, now, published: own, ...ground.keptEnds }),
  });
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
