import { EventSync } from '../../events/journal/event-sync.ts';
import { Chronicle } from '../../events/telling/chronicle.ts';
import { Ends } from '../../events/telling/ends.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { lastPublishedEnd } from '../media/last-end.ts';
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
      parts.owners.isDown(from) ? Promise.resolve(endOfPast(ground, parts, stream, from)) : parts.ends.at(from, stream),
    ownPastEnd: (stream) => {
      const peers = parts.owners.liveServers().filter((name) => name !== self.name);
      return parts.ends.ofOwnPast(stream, peers.slice(0, askedOfPast));
    },
    onLost: (lost) => parts.front.metrics.videoLost(lost),
  });
}

/** Tells peers where timelines ended here, and asks them. */
export function createEnds(ground: Ground, parts: Parts): Ends {
  return new Ends({
    client: () => parts.group.client,
    own: (stream) => parts.chronicle.timelines.end(stream),
    ofPast: (stream, server) => endOfPast(ground, parts, stream, server),
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

/** Where the timeline of a stream ended at a dead server, or in the life before of one that was restarted, as far as this server can know. */
function endOfPast(
  { config, options }: Ground,
  { group, media, chronicle }: Parts,
  stream: StreamName,
  server: ServerName,
): Ticks | undefined {
  const view = group.core.servers(options.clock.monotonic()).find(({ name }) => name === server);
  const segmentDuration = config.stream(stream)?.segmentDuration;
  const heard = view?.state === 'dead' ? view.lastHeard : view?.earlierHeard;
  if (heard === undefined || segmentDuration === undefined) return undefined;
  return lastPublishedEnd({
    segmentDuration,
    seen: media.remoteWindows.last(stream).end,
    own: chronicle.timelines.end(stream),
    ownerDiedAt: ticks((media.clocks.utcAt(heard) * 9) / 100),
  });
}
