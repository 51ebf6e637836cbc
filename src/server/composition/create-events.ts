import { Chronicle } from '../../events/chronicle.ts';
import { Ends } from '../../events/ends.ts';
import { EventSync } from '../../events/event-sync.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { lastPublishedEnd } from '../media/last-end.ts';
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
    endAt: (stream, from) =>
      parts.owners.isDown(from) ? Promise.resolve(endAtDead(ground, parts, stream, from)) : parts.ends.at(from, stream),
    onLost: (lost) => parts.front.metrics.videoLost(lost),
  });
}

/** Tells peers where timelines ended here, and asks them. */
export function createEnds(parts: Parts): Ends {
  return new Ends({ client: () => parts.group.client, own: (stream) => parts.chronicle.timelines.end(stream) });
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

/** Where the timeline of a stream of a dead server ended, as far as this server can know. */
function endAtDead(
  { config, options }: Ground,
  { group, media }: Parts,
  stream: StreamName,
  server: ServerName,
): Ticks | undefined {
  const view = group.core.servers(options.clock.monotonic()).find(({ name }) => name === server);
  const segmentDuration = config.stream(stream)?.segmentDuration;
  if (view?.lastHeard === undefined || segmentDuration === undefined) return undefined;
  return lastPublishedEnd({
    segmentDuration,
    seen: media.lastPublished(stream).end,
    ownerDiedAt: ticks((media.clocks.utcAt(view.lastHeard) * 9) / 100),
  });
}
