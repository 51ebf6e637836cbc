import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Millis } from '../../units/time.ts';

/** What the core needs of the configuration: nothing about media, addresses or files. */
export interface ClusterConfig {
  /** Itself among them, in the order of the file; never empty (a server alone is a group of one). */
  readonly servers: readonly ClusterServer[];
  /** Only streams with `cluster_ingest`. */
  readonly streams: readonly ClusterStream[];
  readonly failbackDelay: Millis;
  readonly handovers: number;
  readonly partition: 'capture' | 'majority';
  /** Equal on servers whose files mean the same; while live ones differ, what works stays where it is (docs/decisions/018). */
  readonly digest: string;
}

export interface ClusterServer {
  readonly name: ServerName;
  readonly fetchTimeout: Millis;
  readonly staleTimeout: Millis;
  readonly weight: number;
}

export interface ClusterStream {
  readonly name: StreamName;
  readonly captureAt: ServerName | undefined;
  readonly handover: 'seamless' | 'break';
  /** Places of those of its sources of which no two servers read the same frames at once: what gives such frames is handed over with a break. */
  readonly unmatched?: readonly number[];
  readonly sourceTimeout: Millis;
}
