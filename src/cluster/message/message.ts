import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Cause } from './cause.ts';
import type { ClaimPhase } from './claim.ts';
import type { ServerStatus } from './server-status.ts';

export { parseMessage } from './message-parser.ts';

/**
 * What two servers tell each other in one exchange; plain JSON. Versions understand each other: unknown fields are ignored,
 * absent ones have the meaning that the oldest version would give them. Spans, never points in time: clocks are not shared.
 */
export interface Message {
  /** The sender's own state. */
  readonly state: StateNews;
  /** What the sender knows of the receiver's state; absent: nothing, so that everything must be sent. */
  readonly known: Known | undefined;
  /** Of a request: for how long it may be parked until there is news. */
  readonly waitMs: number;
  /** What the sender knows of the other servers at first hand. */
  readonly heard: readonly Hearsay[];
  /** Servers that the sender does not hear itself: their state is to be relayed to it. */
  readonly wants: readonly Want[];
  /** The states that the receiver wanted, as far as the sender has them at first hand. */
  readonly relays: readonly StateNews[];
  /** What the receiver's earlier incarnation claimed until it ended; told to a new incarnation that knows nothing yet. */
  readonly had: readonly StreamName[];
}

/** A server's published state, or what changed in it. */
export interface StateNews {
  readonly server: ServerName;
  readonly incarnation: Incarnation;
  readonly status: ServerStatus;
  /** The revision on which this builds; absent: this is everything. */
  readonly base: number | undefined;
  readonly revision: number;
  readonly standings: readonly StandingNews[];
}

/** One stream of a state; without claim and failures: nothing is published about it any more. */
export interface StandingNews {
  readonly stream: StreamName;
  readonly claim: ClaimNews | undefined;
  readonly failures: number;
  readonly marked: boolean;
}

export interface ClaimNews {
  readonly phase: ClaimPhase;
  readonly from: ServerName | undefined;
  readonly to: ServerName | undefined;
  /** Absent: the first one. */
  readonly source?: number;
  readonly forMs: number;
}

export interface Known {
  readonly incarnation: Incarnation;
  readonly revision: number;
}

export interface Want {
  readonly server: ServerName;
  readonly known: Known | undefined;
}

/** At first hand only: what others told is not passed on, so that no server is kept alive by an echo. */
export interface Hearsay {
  readonly server: ServerName;
  /** Absent: never heard. */
  readonly incarnation: Incarnation | undefined;
  /** Since the sender itself heard this incarnation; absent: never. */
  readonly agoMs: number | undefined;
  /** Why the sender holds it for dead; absent: it does not. */
  readonly dead: Cause | undefined;
  /** How often it lately restarted, as the sender counts. */
  readonly restarts: number;
}
