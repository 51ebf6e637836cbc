import { type ServerName, serverName } from '../../units/ids.ts';
import { isLoopback } from '../../units/loopback.ts';
import { nearest } from '../../units/nearest.ts';
import { directives } from '../language/directives.ts';
import type { Config, Listen, PeerConfig } from '../model/config.ts';
import { defaultPort } from '../reading/read-peers.ts';
import { fallbackOf } from '../reading/reading.ts';
import { type Address, address, bareHost } from '../values/address.ts';

/** What a process knows of who it is. */
export interface SelfFacts {
  /** `--name` */
  readonly name: string | undefined;
  /** `HEADWATER_NAME` */
  readonly environmentName: string | undefined;
  readonly hostname: string;
  /** The IP addresses of this machine's interfaces. */
  readonly localAddresses: readonly string[];
  /** What the peers' host names resolve to, where that was looked up. */
  readonly resolved?: ReadonlyMap<string, readonly string[]>;
}

export type Self =
  /** `by` what it was recognised; `nothing`: there are no peers, and the line was made up for a server alone. */
  | {
      readonly found: true;
      readonly peer: PeerConfig;
      readonly by: 'name' | 'environment' | 'hostname' | 'address' | 'nothing';
    }
  | { readonly found: false; readonly message: string; readonly hint: string };

/** Which peer this process is: by `--name`, else `HEADWATER_NAME`, else its host name, else a peer whose address is local. */
export function findSelf(config: Config, facts: SelfFacts): Self {
  const { peers } = config;
  if (peers.length === 0) return { found: true, peer: alone(config, facts), by: 'nothing' };
  if (facts.name !== undefined) return named(peers, facts.name, '--name', 'name');
  const environmentName = facts.environmentName?.trim() ?? '';
  if (environmentName !== '') return named(peers, environmentName, 'HEADWATER_NAME', 'environment');
  const byHost = peersOfHost(peers, facts.hostname);
  const [host] = byHost;
  if (host !== undefined) return byHost.length === 1 ? { found: true, peer: host, by: 'hostname' } : several(byHost);
  const local = peers.filter((peer) => isLocal(peer, facts));
  const [first] = local;
  if (first !== undefined) return local.length === 1 ? { found: true, peer: first, by: 'address' } : several(local);
  return nobody(peers, facts);
}

/**
 * Where this server listens: as `http` says, else on the port of its own peer line. A loopback address there means that nobody
 * elsewhere is to reach it, so it listens on that alone; any other may be that of a router in front, so it listens on all.
 */
export function listenAddress(config: Config, self: Pick<PeerConfig, 'host' | 'port'>): Listen {
  if (config.http !== undefined) return config.http;
  const isInGroup = config.peers.length > 0;
  return { host: isInGroup && isLoopback(bareHost(self.host)) ? self.host : undefined, port: self.port };
}

function alone(config: Config, facts: SelfFacts): PeerConfig {
  const host = facts.hostname === '' ? 'localhost' : facts.hostname;
  const port = config.http?.port ?? defaultPort;
  return {
    name: serverName(facts.name ?? (facts.environmentName || host)),
    host,
    port,
    publicUrl: `http://${host}:${port}`,
    fetchTimeout: fallbackOf(directives.fetchTimeout),
    staleTimeout: fallbackOf(directives.staleTimeout),
    weight: fallbackOf(directives.weight),
  };
}

/** A name that was given is final: a slip in it must not end at another peer. */
function named(peers: readonly PeerConfig[], name: string, from: string, by: 'name' | 'environment'): Self {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer !== undefined) return { found: true, peer, by };
  const near = nearest(name, namesOf(peers));
  const hint = near === undefined ? `the peers are ${listOf(namesOf(peers))}` : `did you mean ${near}?`;
  return { found: false, message: `no peer has the name ${name} (from ${from})`, hint };
}

/** The peers whose name is the host's: whole, else by the first label when one of the two has no domain. */
function peersOfHost(peers: readonly PeerConfig[], hostname: string): readonly PeerConfig[] {
  const wanted = hostname.toLowerCase();
  if (wanted === '' || wanted === 'localhost') return [];
  const whole = peers.filter((peer) => hostOf(peer.name) === wanted);
  if (whole.length > 0) return whole;
  return peers.filter((peer) => {
    const host = hostOf(peer.name);
    if (/^[\d.[]/.test(host) || host.includes('.') === wanted.includes('.')) return false;
    return host.split('.')[0] === wanted.split('.')[0];
  });
}

function hostOf(name: ServerName): string {
  return split(name).host.toLowerCase();
}

function split(name: string): Address {
  const parsed = address.parse(name);
  return parsed.ok ? parsed.value : { host: name, port: undefined };
}

function isLocal({ host }: PeerConfig, facts: SelfFacts): boolean {
  const addresses = [bareHost(host), ...(facts.resolved?.get(host) ?? [])];
  return addresses.some((text) => isLoopback(text) || facts.localAddresses.includes(text));
}

function several(peers: readonly PeerConfig[]): Self {
  const message = `several peers are on this machine: ${listOf(namesOf(peers))}`;
  return { found: false, message, hint: 'say which one this is: --name NAME or HEADWATER_NAME' };
}

function nobody(peers: readonly PeerConfig[], facts: SelfFacts): Self {
  const tried = [`the host name ${facts.hostname}`, `the addresses ${listOf(facts.localAddresses)}`];
  const message = `this server is none of the peers: neither ${tried.join(' nor ')} belong to ${listOf(namesOf(peers))}`;
  return { found: false, message, hint: 'say which one this is: --name NAME or HEADWATER_NAME' };
}

function namesOf(peers: readonly PeerConfig[]): ServerName[] {
  return peers.map(({ name }) => name);
}

/** All of a group's names fit on a screen; more than that are cut. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20);
  return shown.length === 0 ? '(none)' : `${shown.join(', ')}${shown.length < names.length ? ', …' : ''}`;
}
