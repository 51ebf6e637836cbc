import { lookupBy } from '../../adapters/dns/lookup.ts';
import { openRemoteMpegts } from '../../adapters/peer/remote-mpegts.ts';
import type { RunningConfig } from '../../config/running/running-config.ts';
import { AppError } from '../../units/app-error.ts';
import type { ServerName } from '../../units/ids.ts';
import type { Ground } from './ground.ts';
import { MediaSide } from './media-side.ts';
import type { Parts } from './parts.ts';

/** The captures, and whom they tell of what becomes of them. */
export function createMedia(ground: Ground, parts: Parts): MediaSide {
  const { config, pool, warnQuietly, lookups } = ground;
  const lookup = lookupBy((name) => lookups.peers.find(name));
  const { clock, log, version, onFatal } = ground.options;
  return new MediaSide({
    clock,
    version,
    config,
    pool,
    client: () => parts.group.client,
    archive: (stream) => parts.archive.placeOf(stream),
    openRemoteMpegts: ({ owner, ...request }) => openRemoteMpegts(addressOf(config, owner), request, lookup),
    fact: (stream, attempt, fact) => parts.group.post({ type: 'capture', stream, attempt, fact }),
    chronicle: parts.chronicle,
    onCaptureEnd: () => parts.control.captureEnded(),
    // In whole seconds, so that it is the same warning while nothing changes.
    onSkew: (peer, skew) => warnQuietly("a peer's clock differs", { peer }, { skewSeconds: Math.round(skew / 1000) }),
    onGroupAhead: (ahead) =>
      log.warn(
        "the group's clock differs from this server's system clock, and does not step while anything is captured",
        {
          aheadSeconds: Math.round(ahead / 1000),
        },
      ),
    isDown: (server) => parts.owners.isDown(server),
    onFollowError: onFatal,
  });
}

function addressOf(config: RunningConfig, server: ServerName): string {
  const peer = config.server(server);
  if (peer === undefined) throw new AppError('stream-unavailable', 'the owner left the configuration');
  return `http://${peer.host}:${peer.port}`;
}
