import type { Incarnation, StreamName } from '../../units/ids.ts';
import { after, type Instant, instant, millis, never } from '../../units/time.ts';
import type { Rebirth } from '../message/server-status.ts';
import { bounds } from '../step/bounds.ts';
import { FlapCount } from './flap-count.ts';

/** This server's own course from boot to leaving. */
export class OwnLife {
  readonly bootedAt: Instant;
  /** Why it began, where its process had one before. */
  readonly born: Rebirth | undefined;
  settledAt: Instant | undefined;
  draining = false;
  leaving: Instant | undefined;
  /** Its goodbye is said: nothing is claimed any more. */
  gone = false;
  /** What its earlier incarnation captured, as the peers told. */
  readonly had = new Set<StreamName>();
  /** How often it lately restarted, as the peers count. */
  restarts = 0;
  /** How often its peers lately held it for dead, or it them. */
  readonly isolations = new FlapCount();
  /** The latest life of this server that a peer knows, when that is not this one: peers drop every word of a life before it. */
  outlivedBy: Incarnation | undefined;
  /** Since when nothing speaks against taking its streams back. */
  stableSince: Instant;

  constructor(now: Instant, born?: Rebirth) {
    this.bootedAt = now;
    this.born = born;
    this.stableSince = now;
  }

  get settled(): boolean {
    return this.settledAt !== undefined;
  }

  /** A peer knows a life of this server. */
  knownAs(known: Incarnation | undefined, own: Incarnation): void {
    if (known !== undefined && known > own && known > (this.outlivedBy ?? own)) this.outlivedBy = known;
  }

  /** When a life that is outlived gives way to one that is heard. */
  get endsAt(): Instant {
    return this.outlivedBy === undefined ? never : after(this.bootedAt, bounds.shortestLife);
  }

  settle(now: Instant): void {
    this.settledAt = now;
    this.stableSince = now;
  }

  /** Until when a server that restarts again and again leaves the streams to others. */
  get penaltyUntil(): Instant {
    const beyond = this.restarts - bounds.freeRestarts;
    if (beyond <= 0) return instant(Number.MIN_SAFE_INTEGER);
    if (this.settledAt === undefined) return never;
    const span = Math.min(bounds.lastPenalty, bounds.firstPenalty * 2 ** (beyond - 1));
    return after(this.settledAt, millis(span));
  }
}
