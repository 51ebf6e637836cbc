import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Cause } from '../message/cause.ts';
import type { Standing } from '../message/claim.ts';
import type { ClusterStream } from '../step/cluster-config.ts';

/** This server's part in one stream. Which fact or deadline leads where is told in docs/decisions/010-claims.md. */
export type OwnClaim =
  | { readonly state: 'none' }
  /** An input is open, no frames yet. `from`: who released the camera for this try. `lapsed`: `source_timeout` passed, but nobody else can. */
  | {
      readonly state: 'trying';
      readonly attempt: number;
      readonly since: Instant;
      readonly cause: Cause;
      readonly from: ServerName | undefined;
      readonly neededSince: Instant;
      readonly lapsed: boolean;
    }
  | {
      readonly state: 'capturing';
      readonly attempt: number;
      readonly since: Instant;
      /** Who still captures and will stop on seeing this claim. */
      readonly from: ServerName | undefined;
      readonly offer: Offer | undefined;
    }
  /** Seamless handover: an input beside the giver's. `frames`: they flow, but the timeline is not adopted yet. */
  | {
      readonly state: 'taking';
      readonly attempt: number;
      readonly since: Instant;
      readonly cause: Cause;
      readonly from: ServerName;
      readonly frames: boolean;
    }
  /** Break handover: waits for the giver to free the camera. */
  | { readonly state: 'asking'; readonly since: Instant; readonly cause: Cause; readonly from: ServerName }
  /** The input is being closed; then `released` for somebody, or nothing. */
  | {
      readonly state: 'closing';
      readonly attempt: number;
      readonly since: Instant;
      readonly to: ServerName | undefined;
      readonly watch: boolean;
      readonly cause: Cause;
    }
  /** The camera is free for `to`; resumes unless that one shows frames. */
  | { readonly state: 'released'; readonly since: Instant; readonly to: ServerName; readonly cause: Cause };

/** A draining server's invitation to take a stream. */
export interface Offer {
  readonly to: ServerName;
  readonly since: Instant;
  /** The invited server began. */
  readonly taken: boolean;
}

export const noClaim: OwnClaim = { state: 'none' };

/** All that this server knows and remembers of one stream. */
export class StreamState {
  readonly name: StreamName;
  config: ClusterStream;
  own: OwnClaim = noClaim;
  /** What the peers publish, dead ones included. */
  readonly others = new Map<ServerName, Standing>();

  /** Tries of this server without frames in the present outage: since anybody last had some. */
  failures = 0;
  markedUntil: Instant | undefined;
  /** Since when the source has been known to give no frames; for the operator. */
  lostSince: Instant | undefined;

  /** Since when nobody claims it, in this server's view. */
  unclaimedSince: Instant | undefined;
  /** Who had it last, and why it no longer has. */
  lastOwner: ServerName | undefined;
  /** Of those, the last one that had frames. */
  lastWithFrames: ServerName | undefined;
  /** Which of the stream's URLs gave them. */
  lastSource = 0;
  /** Which one gives this server's own capture media. */
  ownSource = 0;
  owner: ServerName | undefined;
  /** Who has frames, or had them last and has tried without a break since; `since` it had the first ones. */
  holder: { readonly server: ServerName; readonly since: Instant } | undefined;
  /** When anybody last had frames, as well as this server can know; absent: somebody has some, or nobody had any in this life. */
  framesUntil: Instant | undefined;

  handoverFailures = 0;
  retryAt: Instant = instant(Number.MIN_SAFE_INTEGER);
  /** How often it was offered in vain while draining. */
  notTaken = 0;
  /** Servers that did not take it when offered, until when. */
  readonly notTakenBy = new Map<ServerName, Instant>();

  constructor(config: ClusterStream) {
    this.name = config.name;
    this.config = config;
  }
}

/** The number of the input that runs or is being closed. */
export function attemptOf(own: OwnClaim): number | undefined {
  return 'attempt' in own ? own.attempt : undefined;
}
