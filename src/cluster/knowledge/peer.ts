import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Cause } from '../message/cause.ts';
import type { Known, Want } from '../message/message.ts';
import type { ServerStatus } from '../message/server-status.ts';
import type { ClusterServer } from '../step/cluster-config.ts';
import type { ReplyToken } from '../step/event.ts';
import { FaultDetector, type Life } from './fault-detector.ts';
import { FlapCount } from './flap-count.ts';
import type { Publication } from './publication.ts';

/** Long before any clock of a process began. */
const longAgo = instant(Number.MIN_SAFE_INTEGER);

/** A request of the peer that waits here for news. */
export interface Parked {
  readonly reply: ReplyToken;
  readonly until: Instant;
  readonly known: Known | undefined;
  readonly wants: readonly Want[];
}

/** A poll of ours under way. */
export interface Polling {
  readonly poll: number;
  readonly sentAt: Instant;
  readonly lostAt: Instant;
}

/** The connections between this server and a peer. */
export class PeerLink {
  polling: Polling | undefined;
  pollAt: Instant;
  /** The next poll must not use an old connection. */
  fresh = false;
  /** Failed polls in a row. */
  failures = 0;
  /** The last poll found nobody listening. */
  refused = false;
  /** Refused connections since the peer was last heard. */
  refusals = 0;
  refusedSince: Instant = longAgo;
  refusedAt: Instant = longAgo;
  parked: Parked | undefined;
  lastReplyAt: Instant = longAgo;
  lastPushAt: Instant = longAgo;
  /** What the peer last said that it knows of this server. */
  known: Known | undefined;
  /** The newest revision of this server's state that went out to it. */
  sentRevision = -1;

  constructor(now: Instant) {
    this.pollAt = now;
  }

  /** Polls anew on a new connection: the present one may be dead without a sign. */
  renew(now: Instant): void {
    this.polling = undefined;
    this.fresh = true;
    this.pollAt = now;
  }
}

/** What another server says of a peer. */
export interface Verdict {
  readonly incarnation: Incarnation | undefined;
  readonly dead: Cause | undefined;
}

/** All that this server knows of another one. */
export class Peer {
  readonly name: ServerName;
  config: ClusterServer;
  readonly link: PeerLink;
  readonly detector: FaultDetector;
  /** As judged at the last look. */
  life: Life = 'unknown';
  incarnation: Incarnation | undefined;
  publication: Publication | undefined;
  /** The first word of its present incarnation. */
  firstWordAt: Instant = longAgo;
  /** When its life before this one was last heard. */
  earlierHeard: Instant | undefined;
  /** Since when it is alive without a break. */
  aliveSince: Instant = longAgo;
  /** What its last incarnation captured and its present one has not claimed yet. */
  had: Set<StreamName> = new Set();
  readonly restarts = new FlapCount();
  readonly returns = new FlapCount();
  /** What it says of others, at first hand. */
  verdicts: ReadonlyMap<ServerName, Verdict> = new Map();

  constructor(config: ClusterServer, now: Instant) {
    this.name = config.name;
    this.config = config;
    this.link = new PeerLink(now);
    this.detector = new FaultDetector(now);
  }

  get live(): boolean {
    return this.life === 'alive' || this.life === 'suspect';
  }

  /** Absent before its first word in this incarnation. */
  get status(): ServerStatus | undefined {
    return this.publication?.status;
  }
}
