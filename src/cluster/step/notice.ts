import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Cause } from '../message/cause.ts';

/** What the operator reads in `headwater events`; the shell adds time, server and measured seconds of video lost. */
export type ClusterNotice =
  | {
      readonly kind: 'server-up';
      readonly server: ServerName;
      readonly incarnation: Incarnation;
      readonly cause: Cause;
    }
  | { readonly kind: 'server-suspect'; readonly server: ServerName }
  | { readonly kind: 'server-down'; readonly server: ServerName; readonly cause: Cause; readonly unheardMs: number }
  | { readonly kind: 'server-draining'; readonly server: ServerName; readonly draining: boolean }
  | { readonly kind: 'settled'; readonly afterMs: number }
  /** This server began to capture because nobody did; frames come later, told by `captured`. */
  | {
      readonly kind: 'takeover';
      readonly stream: StreamName;
      readonly from: ServerName | undefined;
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
  | { readonly kind: 'failback'; readonly stream: StreamName; readonly from: ServerName; readonly tookMs: number }
  | {
      readonly kind: 'handover';
      readonly stream: StreamName;
      readonly to: ServerName;
      readonly cause: Cause;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'handover-failed';
      readonly stream: StreamName;
      readonly peer: ServerName;
      readonly reason: string;
      readonly retryInMs: number;
    }
  | { readonly kind: 'duplicate-stopped'; readonly stream: StreamName; readonly keptBy: ServerName }
  | { readonly kind: 'source-lost'; readonly stream: StreamName; readonly error: string }
  | { readonly kind: 'source-found'; readonly stream: StreamName; readonly lostMs: number }
  | { readonly kind: 'config-drift'; readonly peers: readonly ServerName[]; readonly resolved: boolean };
