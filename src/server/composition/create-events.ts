import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import { Ends, type SeenSegment } from '../../events/ends/ends.ts';
import { type KeptEnd, later } from '../../events/ends/kept-ends.ts';
import { EventSync } from '../../events/journal/event-sync.ts';
import { Chronicle } from '../../events/telling/chronicle.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Instant, latest, type Millis, millis } from '../../units/time.ts';
import { lastServedEnd } from '../media/last-end.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** All peers have heard a server that was restarted to the same moment or so; one of the two may be leaving. */
const askedOfPast = 2;

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
    endAt: (stream, from) =>
      parts.owners.isDown(from) ? parts.ends.ofPast(from, stream) : parts.ends.at(from, stream),
    ownPastEnd: async (stream) => {
      const told = await parts.ends.ofOwnPast(stream, livePeers(ground, parts).slice(0, askedOfPast));
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
  const { self, clock } = ground.options;
  return new Ends({
    self: self.name,
    clock,
    client: () => parts.group.client,
    peers: () => livePeers(ground, parts),
    own: (stream) => parts.chronicle.timelines.end(stream),
    seen: (stream, server) => parts.media.remoteWindows.newestAt(stream, server),
    ofPast: (stream, server, seen) => endOfPast(ground, parts, { stream, server, seen }),
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

function livePeers({ options }: Ground, { owners }: Parts): ServerName[] {
  return owners.liveServers().filter((name) => name !== options.self.name);
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

function lastOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : latest(a, b);
}

/** Where the timeline of a stream ended at a dead server, or in the life before of one that was restarted, as far as this server can know. */
function endOfPast(
  { config, options }: Ground,
  { group, media, chronicle, ends }: Parts,
  asked: { readonly stream: StreamName; readonly server: ServerName; readonly seen: SeenSegment | undefined },
): Ticks | undefined {
  const view = group.core.servers(options.clock.monotonic()).find(({ name }) => name === asked.server);
  const segmentDuration = config.stream(asked.stream)?.segmentDuration;
  const heard = view?.state === 'dead' ? lastOf(view.lastHeard, ends.reportedAt(asked.server)) : view?.earlierHeard;
  if (heard === undefined || segmentDuration === undefined) return undefined;
  return lastServedEnd({
    segmentDuration,
    seen: asked.seen,
    own: chronicle.timelines.end(asked.stream),
    ownerDiedAt: ticks((media.clocks.utcAt(heard) * 9) / 100),
  });
}
