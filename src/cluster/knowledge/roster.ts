import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import { type Instant, type Millis, millis } from '../../units/time.ts';
import { type Claim, possesses, type Standing } from '../message/claim.ts';
import { Placement } from '../placement/placement.ts';
import type { ClusterConfig } from '../step/cluster-config.ts';
import { Peer } from './peer.ts';
import { Publication } from './publication.ts';
import { StreamState } from './stream-state.ts';

/** The facts of this server's group, without any rule: who is in it, which streams, who says what about them. */
export class Roster {
  readonly self: ServerName;
  readonly own: Publication;
  config: ClusterConfig;
  placement: Placement;
  /** That of the last configuration which all live servers had. */
  agreedPlacement: Placement;
  readonly peers = new Map<ServerName, Peer>();
  readonly streams = new Map<StreamName, StreamState>();
  /** Streams to be looked at before this step ends. */
  readonly dirty = new Set<StreamState>();
  /** Streams in which this server has a part: any own state but `none`. */
  readonly engaged = new Set<StreamState>();

  constructor(self: ServerName, incarnation: Incarnation, config: ClusterConfig) {
    this.self = self;
    this.config = config;
    this.placement = new Placement(config.servers, config.streams);
    this.agreedPlacement = this.placement;
    const booting = { settled: false, draining: false, leaving: false, penalized: false, minority: false };
    this.own = new Publication(self, incarnation, { ...booting, digest: config.digest }, 1);
  }

  /** Silence of this server for longer than this makes its peers take its streams. */
  get ownStaleTimeout(): Millis {
    const own = this.config.servers.find((server) => server.name === this.self) ?? this.config.servers[0];
    return own?.staleTimeout ?? millis(Number.MAX_SAFE_INTEGER);
  }

  /** Brings peers and streams in line with the configuration; returns those that it no longer has. */
  adopt(config: ClusterConfig, now: Instant): { readonly peers: Peer[]; readonly streams: StreamState[] } {
    this.config = config;
    this.#adoptPeers(now);
    const peers = [...this.peers.values()].filter((peer) => !config.servers.some((one) => one.name === peer.name));
    for (const peer of peers) this.peers.delete(peer.name);
    const names = new Set(config.streams.map((stream) => stream.name));
    const streams = [...this.streams.values()].filter((stream) => !names.has(stream.name));
    for (const stream of streams) this.streams.delete(stream.name);
    for (const stream of config.streams) this.#adoptStream(stream);
    for (const stream of this.streams.values()) for (const peer of peers) stream.others.delete(peer.name);
    return { peers, streams };
  }

  /** By this server's configuration. */
  home(stream: StreamName): ServerName | undefined {
    return this.placement.home(stream);
  }

  /** What decides where an unclaimed stream starts: a new placement counts when all live servers have agreed on it. */
  countingPlacement(stream: StreamName): Placement {
    return this.agreedPlacement.home(stream) === undefined ? this.placement : this.agreedPlacement;
  }

  /** Where an unclaimed stream should start. */
  agreedHome(stream: StreamName): ServerName | undefined {
    const agreed = this.countingPlacement(stream).home(stream);
    const known = agreed !== undefined && (agreed === this.self || this.peers.has(agreed));
    return known ? agreed : this.placement.home(stream);
  }

  /** The claims of servers that live, others than this one. */
  *liveClaims(stream: StreamState): Generator<readonly [ServerName, Claim]> {
    for (const [server, standing] of stream.others) {
      if (standing.claim !== undefined && this.peers.get(server)?.live === true) yield [server, standing.claim];
    }
  }

  /** A live peer's claim on the stream. */
  claimOf(stream: StreamState, server: ServerName): Claim | undefined {
    return this.peers.get(server)?.live === true ? stream.others.get(server)?.claim : undefined;
  }

  setStanding(server: ServerName, stream: StreamName, standing: Standing | undefined): void {
    const state = this.streams.get(stream);
    if (state === undefined) return;
    if (standing === undefined) state.others.delete(server);
    else state.others.set(server, standing);
    // What its life before had is back: whatever ends from now on has another cause.
    if (possesses(standing?.claim)) this.peers.get(server)?.had.delete(stream);
    this.dirty.add(state);
  }

  /** The peer died, or lives anew: if it speaks again, it must say everything, for old claims may be those of another now. */
  voidClaims(peer: Peer): void {
    const { publication } = peer;
    if (publication === undefined) return;
    peer.publication = undefined;
    peer.had = publication.captured();
    for (const stream of publication.standings.keys()) this.setStanding(peer.name, stream, undefined);
  }

  allDirty(): void {
    for (const stream of this.streams.values()) this.dirty.add(stream);
  }

  #adoptPeers(now: Instant): void {
    for (const server of this.config.servers) {
      if (server.name === this.self) continue;
      const peer = this.peers.get(server.name);
      if (peer === undefined) this.peers.set(server.name, new Peer(server, now));
      else peer.config = server;
    }
  }

  #adoptStream(config: StreamState['config']): void {
    const known = this.streams.get(config.name);
    if (known !== undefined) {
      known.config = config;
      return;
    }
    const stream = new StreamState(config);
    for (const peer of this.peers.values()) {
      const standing = peer.publication?.standings.get(config.name);
      if (standing !== undefined) stream.others.set(peer.name, standing);
    }
    this.streams.set(config.name, stream);
  }
}
