import { nodeHmac } from '../../adapters/hmac.ts';
import { randomNumber } from '../../adapters/random.ts';
import { createClusterCore } from '../../cluster/cluster-core.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import { Group } from '../../group/group.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** The core among its peers, and what its decisions do here. */
export function createGroup(ground: Ground, parts: Parts, left: () => void): Group {
  const { self, clock, log, onFatal } = ground.options;
  const { config, state, http, incarnation, refusals, warnQuietly } = ground;
  const { captures, clocks } = parts.media;
  return new Group(
    {
      self: self.name,
      clock,
      hmac: nodeHmac,
      http,
      createCore: createClusterCore,
      random: randomNumber,
      config: () => config.cluster,
      clusterKey: () => config.config.clusterKey,
      address: (peer) => config.server(peer),
      nextIncarnation: (above) => state.nextIncarnation(clock.wall() / 1000, above),
      captures: {
        start(effect) {
          // The last moment at which the clock may jump is before the first capture.
          clocks.adjust();
          captures.start(effect);
        },
        stop: (effect) => captures.stop(effect),
        dropAll: () => captures.dropAll(),
      },
      clocks: {
        now: () => clock.monotonic(),
        reading: (receivedAt) => clocks.reading(receivedAt),
        heard: (peer, reading, sent, answered) => clocks.heard(peer, reading, sent, answered),
      },
      ownersChanged: (streams) => tellOwners(streams, parts),
      notice: (notice) => passOn(notice, parts),
      left,
      onOutlived: () => {
        log.warn('the peers know a later life of this server (its clock or its state_dir went back): it begins anew');
        parts.chronicle.newLife('outlived');
      },
      onRejected: (peer, why) => {
        if (why === 'no-peer') {
          warnQuietly('what answers at the address of a peer is not that peer', { peer });
          return;
        }
        warnQuietly('peer has another cluster_key', { peer });
        refusals.note(peer);
        parts.chronicle.refused(peer);
      },
      onFatal,
    },
    incarnation,
  );
}

/** Who has these streams has changed, or whether they are there at all. */
export function tellOwners(streams: readonly StreamName[], { owners, chronicle }: Parts): void {
  owners.changed(streams);
  chronicle.ownersChanged(streams);
}

function passOn(notice: ClusterNotice, { owners, chronicle, front }: Parts): void {
  owners.serversChanged();
  chronicle.notice(notice);
  front.metrics.notice(notice);
}
