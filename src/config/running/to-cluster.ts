import type { ClusterConfig, ClusterServer } from '../../cluster/step/cluster-config.ts';
import { type ServerName, serverName } from '../../units/ids.ts';
import { directives } from '../language/directives.ts';
import type { Config } from '../model/config.ts';
import { fallbackOf } from '../reading/reading.ts';

export interface ClusterConfigOptions {
  /** As `configDigest` gives it. */
  readonly digest: string;
  /** The name of a server alone, which no peer line gives; without it `localhost`. */
  readonly self?: ServerName;
}

/** What of the configuration concerns the cluster core: the servers, and the streams with `cluster_ingest`. */
export function clusterConfig(
  config: Config,
  { digest, self = serverName('localhost') }: ClusterConfigOptions,
): ClusterConfig {
  const servers = config.peers.map(({ name, fetchTimeout, staleTimeout, weight }) => ({
    name,
    fetchTimeout,
    staleTimeout,
    weight,
  }));
  return {
    servers: servers.length > 0 ? servers : [alone(self)],
    streams: config.streams.flatMap(({ name, clusterIngest, sourceTimeout, sources }) => {
      // Every server plays a file from where it began to.
      const unmatched = sources.flatMap(({ protocol }, place) => (protocol === 'file' ? [place] : []));
      const files = unmatched.length > 0 && { unmatched };
      return clusterIngest === undefined ? [] : [{ name, ...clusterIngest, sourceTimeout, ...files }];
    }),
    failbackDelay: config.failbackDelay,
    handovers: config.handovers,
    partition: config.partition,
    digest,
  };
}

function alone(name: ServerName): ClusterServer {
  return {
    name,
    fetchTimeout: fallbackOf(directives.fetchTimeout),
    staleTimeout: fallbackOf(directives.staleTimeout),
    weight: fallbackOf(directives.weight),
  };
}
