import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';
import type { Rebirth } from '../message/server-status.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { ServerView, StreamView } from './view.ts';

export interface ClusterCoreOptions {
  readonly self: ServerName;
  readonly incarnation: Incarnation;
  readonly config: ClusterConfig;
  /** Why this life begins, where the process had one before. */
  readonly born?: Rebirth | undefined;
  /** Number in [0, 1), deterministic in the simulator: for the jitter of back-offs. */
  readonly random: () => number;
}

/** One server's part in the group (made by `createClusterCore` in cluster-core.ts): takes what happened and the time, returns what to do. No clock, no timer, no I/O inside. */
export interface ClusterCore {
  step(event: Event, now: Instant): Effect[];
  /** The latest instant at which the shell must send `wake`. */
  nextWake(): Instant;
  home(stream: StreamName): ServerName | undefined;
  owner(stream: StreamName): ServerName | undefined;
  servers(now: Instant): ServerView[];
  streams(): StreamView[];
}
