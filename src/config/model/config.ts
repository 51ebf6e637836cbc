import type { ServerName, StreamName } from '../../units/ids.ts';
import type { BitsPerSecond } from '../../units/rate.ts';
import type { Bytes } from '../../units/size.ts';
import type { Millis } from '../../units/time.ts';

/** A configuration that has been checked: every default is filled in, every template merged, every include read. */
export interface Config {
  /** The shared secret of the group; absent on a server without peers. Never printed. */
  readonly clusterKey: string | undefined;
  /** Where to listen for everything; absent: each server listens on the port of its own peer line, else on 8080. */
  readonly http: Listen | undefined;
  /** In the order of the file. Empty: a server alone. */
  readonly peers: readonly PeerConfig[];
  /** In the order of the file; names are unique. */
  readonly streams: readonly StreamConfig[];
  readonly failbackDelay: Millis;
  /** How many failbacks may run at once in the group's every home. */
  readonly handovers: number;
  /** The most at which recordings are fetched from other servers; absent: no bound. */
  readonly replicationSpeed: BitsPerSecond | undefined;
  readonly partition: 'capture' | 'majority';
  /** A path that may hold `${name}`. */
  readonly stateDir: string;
  /** Who may change state over HTTP; absent: loopback only. Never printed. */
  readonly editAuth: { readonly user: string; readonly password: string } | undefined;
}

export interface Listen {
  readonly host: string | undefined;
  readonly port: number;
}

export interface PeerConfig {
  readonly name: ServerName;
  /** Where its peers reach it; a name is resolved at every connect. */
  readonly host: string;
  readonly port: number;
  /** What viewers see: `http://host:port` without a slash at the end, or what `public_url` says. */
  readonly publicUrl: string;
  readonly fetchTimeout: Millis;
  readonly staleTimeout: Millis;
  /** Its share of the unpinned streams relative to the others; 1 by default. */
  readonly weight: number;
}

export interface StreamConfig {
  readonly name: StreamName;
  /** Tried in order; at least one. */
  readonly sources: readonly SourceConfig[];
  /** Absent: every server captures it for itself. */
  readonly clusterIngest: ClusterIngestConfig | undefined;
  readonly sourceTimeout: Millis;
  readonly segmentDuration: Millis;
  /** Absent: nothing is recorded. */
  readonly dvr: DvrConfig | undefined;
}

export interface DvrConfig {
  /** A folder's path, without slashes at its end; may hold `${name}`. */
  readonly root: string;
  /** Absent: no recording is too old, or too much. */
  readonly mostAge: Millis | undefined;
  readonly mostBytes: Bytes | undefined;
  /** So much of the disk is to be free, of 100. */
  readonly freePercent: number;
}

export interface SourceConfig {
  /** With credentials; for display use `maskedUrl`. */
  readonly url: string;
  readonly protocol: 'rtsp' | 'mpegts-http' | 'file';
}

export interface ClusterIngestConfig {
  readonly captureAt: ServerName | undefined;
  readonly handover: 'seamless' | 'break';
}

/** One finding in the text; lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters to underline, at least 1. */
  readonly length: number;
  readonly message: string;
  readonly hint: string | undefined;
  /** The line for eyes, with everything masked that may be secret; column and length are those in the masked text. */
  readonly excerpt?: Excerpt | undefined;
}

export interface Excerpt {
  readonly text: string;
  readonly column: number;
  readonly length: number;
}
