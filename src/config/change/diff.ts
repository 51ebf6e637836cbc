import { formatDuration } from '../../units/duration.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Config, PeerConfig, StreamConfig } from '../model/config.ts';
import { fillName } from '../model/fill-name.ts';
import { defaultPort } from '../reading/read-peers.ts';
import { listenAddress } from '../running/self.ts';

/** What a reload has to do. Holds no secrets but those of the configurations that it refers to. */
export type Change =
  | { readonly type: 'stream-added'; readonly stream: StreamConfig }
  | { readonly type: 'stream-removed'; readonly name: StreamName }
  | {
      readonly type: 'stream-changed';
      readonly stream: StreamConfig;
      /** Only `sources` and `sourceTimeout` concern a running input. */
      readonly fields: readonly (keyof StreamConfig)[];
    }
  | { readonly type: 'peer-added'; readonly peer: PeerConfig }
  | { readonly type: 'peer-removed'; readonly name: ServerName }
  | { readonly type: 'peer-changed'; readonly peer: PeerConfig; readonly fields: readonly (keyof PeerConfig)[] }
  | { readonly type: 'setting-changed'; readonly field: Setting };

/** What stands outside all blocks and is no list. */
type Setting = Exclude<keyof Config, 'peers' | 'streams'>;

/** Record, so that the compiler asks about every field that is added. */
const settings: Readonly<Record<Setting, true>> = {
  clusterKey: true,
  http: true,
  failbackDelay: true,
  handovers: true,
  replicationSpeed: true,
  partition: true,
  stateDir: true,
  editAuth: true,
};
const streamFields: Readonly<Record<keyof StreamConfig, true>> = {
  name: true,
  sources: true,
  clusterIngest: true,
  sourceTimeout: true,
  segmentDuration: true,
  dvr: true,
};
const peerFields: Readonly<Record<keyof PeerConfig, true>> = {
  name: true,
  host: true,
  port: true,
  publicUrl: true,
  fetchTimeout: true,
  staleTimeout: true,
  weight: true,
};

/** The steps from one configuration to the next, the empty list for two that mean the same: what is not named goes on untouched. Order alone is no change. */
export function diff(old: Config, next: Config): Change[] {
  return [
    ...changedFields(settings, old, next).map((field) => ({ type: 'setting-changed', field }) as const),
    ...compare<ServerName, PeerConfig, Change>(old.peers, next.peers, {
      added: (peer) => ({ type: 'peer-added', peer }),
      removed: (name) => ({ type: 'peer-removed', name }),
      kept: (before, peer) => {
        const fields = changedFields(peerFields, before, peer);
        return fields.length === 0 ? undefined : { type: 'peer-changed', peer, fields };
      },
    }),
    ...compare<StreamName, StreamConfig, Change>(old.streams, next.streams, {
      added: (stream) => ({ type: 'stream-added', stream }),
      removed: (name) => ({ type: 'stream-removed', name }),
      kept: (before, stream) => {
        const fields = changedFields(streamFields, before, stream);
        return fields.length === 0 ? undefined : { type: 'stream-changed', stream, fields };
      },
    }),
  ];
}

/**
 * Why this server can't be in the group that the new configuration describes, as no reload can change it; undefined when it can.
 * Who followed it would see only strangers, and capture for itself what the group captures too.
 */
export function lostPlace(old: Config, next: Config, self: ServerName): string | undefined {
  if (old.peers.length === 0) {
    return next.peers.length > 0 ? 'this server was alone, and the new file has a group' : undefined;
  }
  if (next.peers.length === 0) return 'this server was one of a group, and the new file has none';
  return next.peers.some(({ name }) => name === self)
    ? undefined
    : `this server, ${self}, is not in the new list of peers`;
}

/** The configurations that a running server has to do with; none has a `lostPlace` in another. */
export interface Followed {
  /** Its socket and its folder were taken by this one, and are kept. */
  readonly started: Config;
  readonly inForce: Config;
  readonly next: Config;
}

/** What of the next configuration this server can't follow without a restart, in words for the operator. */
export function restartReasons({ started, inForce, next }: Followed, self: ServerName): string[] {
  const before = placeOf(started, self);
  const after = placeOf(next, self);
  const reasons: string[] = [];
  if (before.listen !== after.listen) reasons.push(`it listens on ${before.listen}, the new file says ${after.listen}`);
  if (before.stateDir !== after.stateDir)
    reasons.push(`its state_dir is ${before.stateDir}, the new file says ${after.stateDir}`);
  return [...reasons, ...keptDurations(inForce, next)];
}

/** A template may speak for hundreds of streams. */
const namesTold = 5;

function keptDurations(inForce: Config, next: Config): string[] {
  const before = new Map(inForce.streams.map(({ name, segmentDuration }) => [name, segmentDuration]));
  const kept = new Map<string, StreamName[]>();
  for (const { name, segmentDuration } of next.streams) {
    const old = before.get(name) ?? segmentDuration;
    if (old === segmentDuration) continue;
    const what = `stay ${formatDuration(old)} long, the new file says ${formatDuration(segmentDuration)}`;
    kept.set(what, [...(kept.get(what) ?? []), name]);
  }
  return [...kept].map(([what, names]) => `segments of ${listed(names)} ${what}`);
}

function listed(names: readonly StreamName[]): string {
  if (names.length === 1) return `stream ${names[0]}`;
  return `${names.length} streams (${names.slice(0, namesTold).join(', ')}${names.length > namesTold ? ', …' : ''})`;
}

/** A server alone has no line of its own. */
const nobody = { host: '', port: defaultPort };

function placeOf(config: Config, self: ServerName): { listen: string; stateDir: string } {
  const { host, port } = listenAddress(config, config.peers.find(({ name }) => name === self) ?? nobody);
  return { listen: `${host ?? '*'}:${port}`, stateDir: fillName(config.stateDir, self) };
}

function compare<N, T extends { readonly name: N }, C>(
  old: readonly T[],
  next: readonly T[],
  change: { added: (item: T) => C; removed: (name: N) => C; kept: (before: T, after: T) => C | undefined },
): C[] {
  const before = new Map(old.map((item) => [item.name, item]));
  const after = new Set(next.map(({ name }) => name));
  const removed = old.filter(({ name }) => !after.has(name)).map(({ name }) => change.removed(name));
  const others = next.flatMap((item) => {
    const earlier = before.get(item.name);
    return (earlier === undefined ? change.added(item) : change.kept(earlier, item)) ?? [];
  });
  return [...removed, ...others];
}

function changedFields<T extends object, F extends keyof T & string>(
  fields: Readonly<Record<F, true>>,
  before: T,
  after: T,
): F[] {
  return keysOf(fields).filter((field) => !isSame(before[field], after[field]));
}

function keysOf<F extends string>(fields: Readonly<Record<F, true>>): F[] {
  // The compiler knows the record's keys, but not that an object has no others.
  return Object.keys(fields) as F[];
}

/** Plain data, built by one reader in one order of keys: equal texts are equal values. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
