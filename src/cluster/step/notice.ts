import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Cause } from '../message/cause.ts';

/** The live servers that follow the same configuration. */
export interface Followers {
  readonly digest: string;
  /** In the order of the file. */
  readonly servers: readonly ServerName[];
}

/** What the operator reads in `headwater events`; the shell adds time, server and measured seconds of video lost. */
export type ClusterNotice =
  /** Heard for the first time (`started`), in a new life (`restarted`), or again (`returned`); `downMs` since the operator was told otherwise. */
  | {
      readonly kind: 'server-up';
      readonly server: ServerName;
      readonly incarnation: Incarnation;
      readonly cause: Cause;
      readonly downMs: number | undefined;
    }
  /** Others hear it, this server does not: it is `silent`, or its address is `refused` to us. */
  | {
      readonly kind: 'server-suspect';
      readonly server: ServerName;
      readonly incarnation: Incarnation | undefined;
      readonly cause: Cause;
      readonly unheardMs: number;
    }
  | {
      readonly kind: 'server-down';
      readonly server: ServerName;
      readonly incarnation: Incarnation | undefined;
      readonly cause: Cause;
      readonly unheardMs: number;
    }
  /** A peer's word; what the operator reads of it that peer tells by `drain` and `undrain`. */
  | { readonly kind: 'server-draining'; readonly server: ServerName; readonly draining: boolean }
  /** `missing`: peers that are not there. */
  | { readonly kind: 'settled'; readonly afterMs: number; readonly missing: readonly ServerName[] }
  /** This server begins to give its streams away: `operator` asked, it was told to `leave`, or its `config` no longer names it. */
  | { readonly kind: 'drain'; readonly cause: Cause; readonly streams: number }
  /** Nothing more can be given away; `left` streams nobody took. */
  | { readonly kind: 'drained'; readonly cause: Cause; readonly left: number; readonly tookMs: number }
  | { readonly kind: 'undrain'; readonly drainedMs: number }
  /** The process did nothing for so long. `beginsAnew`: that its peers took its streams; this life ends. */
  | { readonly kind: 'stood-still'; readonly forMs: number; readonly beginsAnew: boolean }
  /** Where only the larger side of a parted group captures, this server comes to be on the smaller one, or is no longer; `away`: those it misses. */
  | { readonly kind: 'minority'; readonly begins: boolean; readonly away: readonly ServerName[] }
  /** This server captures what `from`, the last one that had frames, no longer does; its own frames come later, told by `captured`. */
  | {
      readonly kind: 'takeover';
      readonly stream: StreamName;
      readonly from: ServerName;
      readonly cause: Cause;
    }
  /** First frames of a capture; `tookMs` since the moment it was known to be needed. */
  | {
      readonly kind: 'captured';
      readonly stream: StreamName;
      readonly standIn: boolean;
      readonly cause: Cause;
      readonly tookMs: number;
    }
  /** This server has it back from its stand-in. */
  | { readonly kind: 'failback'; readonly stream: StreamName; readonly from: ServerName; readonly tookMs: number }
  /** This server has taken it over by agreement, from one that drains. */
  | {
      readonly kind: 'handover';
      readonly stream: StreamName;
      readonly from: ServerName;
      readonly cause: Cause;
      readonly tookMs: number;
    }
  /** The other side of both, at the server that let go. */
  | {
      readonly kind: 'given';
      readonly stream: StreamName;
      readonly to: ServerName;
      readonly cause: Cause;
      readonly tookMs: number;
    }
  /** This server did not get it from `peer`, who goes on. */
  | {
      readonly kind: 'handover-failed';
      readonly stream: StreamName;
      readonly peer: ServerName;
      readonly reason: string;
      readonly tookMs: number;
      readonly retryInMs: number;
    }
  | { readonly kind: 'duplicate-stopped'; readonly stream: StreamName; readonly keptBy: ServerName }
  /** `darkMs`: since its last frame, or since it was first wanted. */
  | { readonly kind: 'source-lost'; readonly stream: StreamName; readonly error: string; readonly darkMs: number }
  | { readonly kind: 'source-found'; readonly stream: StreamName; readonly darkMs: number }
  /** Live servers follow different configurations: who which one, by its digest. */
  | {
      readonly kind: 'config-drift';
      readonly cause: Cause;
      readonly followers: readonly Followers[];
    }
  /** All live servers follow this one again. */
  | { readonly kind: 'config-agreed'; readonly cause: Cause; readonly digest: string; readonly afterMs: number };
