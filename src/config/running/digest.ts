import type { Config, PeerConfig, StreamConfig } from '../model/config.ts';

/** Text to a short text of fixed length, one-way: SHA-256 in production. */
export type Hash = (text: string) => string;

/**
 * Equal on servers whose files mean the same, whatever their comments, order and defaults spelt out; taken before `${name}` is filled in.
 * Anyone may see it: secrets enter it only hashed, together with all the rest.
 */
export function configDigest(config: Config, hash: Hash): string {
  return hash(canonicalText(config, hash));
}

/**
 * Everything that the configuration says, in one fixed order. Every field is named here on purpose: a field that a later version adds
 * must be left out while it has its default, or servers of two versions would differ during an upgrade.
 */
export function canonicalText(config: Config, hash: Hash): string {
  const secret = (text: string | undefined): string | undefined => text && hash(`secret ${text}`);
  return JSON.stringify({
    clusterKey: secret(config.clusterKey),
    http: config.http && [config.http.host, config.http.port],
    peers: [...config.peers].sort(byName).map(canonicalPeer),
    streams: [...config.streams].sort(byName).map((stream) => canonicalStream(stream, hash)),
    failbackDelay: config.failbackDelay,
    handovers: config.handovers,
    replicationSpeed: config.replicationSpeed,
    partition: config.partition,
    stateDir: config.stateDir,
    editAuth: config.editAuth && [config.editAuth.user, secret(config.editAuth.password)],
  });
}

function canonicalPeer(peer: PeerConfig): Readonly<Record<keyof PeerConfig, string | number>> {
  const { name, host, port, publicUrl, fetchTimeout, staleTimeout, weight } = peer;
  return { name, host, port, publicUrl, fetchTimeout, staleTimeout, weight };
}

function canonicalStream(stream: StreamConfig, hash: Hash): Readonly<Record<keyof StreamConfig, unknown>> {
  const { name, sources, clusterIngest, sourceTimeout, segmentDuration, dvr } = stream;
  return {
    name,
    // Hashed whole: what of it counts as secret may change between versions.
    sources: sources.map(({ url, protocol }) => [protocol, hash(`url ${url}`)]),
    clusterIngest: clusterIngest && [clusterIngest.captureAt, clusterIngest.handover],
    sourceTimeout,
    segmentDuration,
    dvr: dvr && [dvr.root, dvr.mostAge, dvr.mostBytes, dvr.freePercent],
  };
}

/** By code units, which are the same on every machine; locales are not. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
