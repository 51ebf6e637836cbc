import type { ServerName } from '../../units/ids.ts';
import { PeerMedia } from '../peers/peer-media.ts';
import { signOfLife } from '../peers/sign-of-life.ts';
import { eventsPort } from '../show/events-port.ts';
import { HttpFront } from '../show/http-front.ts';
import { Status } from '../show/status.ts';
import { createPlayback } from './create-archive.ts';
import { createPeerService } from './create-peer-service.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** All that is answered at the server's port: viewers, API and metrics, peers. */
export function createFront(ground: Ground, parts: Parts): HttpFront {
  const { clock, log, version } = ground.options;
  const { config, journal } = ground;
  const { media } = parts;
  return new HttpFront({
    clock,
    log,
    version,
    api: {
      status: createStatus(ground, parts),
      events: eventsPort(journal),
      control: parts.control,
      archive: parts.archive,
      editAuth: () => config.config.editAuth,
      now: () => clock.monotonic(),
      wall: () => media.clocks.utc(),
    },
    delivery: {
      group: parts.owners,
      reach: signOfLife(() => parts.group.client),
      windows: media.windowPort,
      segments: media.segmentPort,
      mpegts: media.mpegtsPort,
      archive: createPlayback(ground, parts),
    },
    peers: createPeerService(ground, parts),
    groupClockAhead: () => media.clocks.ahead,
    archives: () => parts.archive.figures,
  });
}

function createStatus({ config, scope, options, refusals }: Ground, parts: Parts): Status {
  const { clock, version } = options;
  const { captures, board, clocks } = parts.media;
  const peers = (): ServerName[] => config.peers.filter((name) => !parts.owners.isDown(name));
  const { lastFrames } = parts.media;
  const seen: (typeof lastFrames)['seen'] = (stream, at) => lastFrames.seen(stream, at);
  const peerMedia = new PeerMedia({ client: () => parts.group.client, clock, peers, seen });
  scope.defer(() => peerMedia.close());
  return new Status({
    clock,
    version,
    config,
    core: () => parts.group.core,
    captures,
    board,
    lastFrames,
    peerMedia,
    clocks,
    refused: () => refusals.isRefused && parts.owners.reachablePeers().length === 0,
    lastError: (stream) => parts.media.lastError(stream),
  });
}
