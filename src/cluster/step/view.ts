import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';
import type { Cause } from '../message/cause.ts';

/** What one server knows of a server of the group, itself included; the source of the API's `servers`. */
export interface ServerView {
  readonly name: ServerName;
  readonly self: boolean;
  readonly state: 'alive' | 'suspect' | 'dead' | 'draining' | 'booting';
  /** Why it is `dead`; absent while it is not. */
  readonly cause?: Cause | undefined;
  /** When it was last heard, directly or through others; absent when never in this life. */
  readonly lastHeard: Instant | undefined;
  /** When its life before the present one was; absent when that was before this server's own. */
  readonly earlierHeard?: Instant | undefined;
  readonly incarnation: Incarnation | undefined;
  readonly configDigest: string | undefined;
  /** On the smaller side of a parted group under `partition majority`, as it says itself. */
  readonly minority: boolean;
  /** How many streams it claims with frames. */
  readonly captured: number;
}

/** What one server knows of a stream of the group; the source of the API's `streams`. */
export interface StreamView {
  readonly name: StreamName;
  /**
   * `running`: captured with frames. `error`: a server that may capture it tried in vain since anybody last had frames; the others, and it
   * again, try in turn. `starting`: the first input is being opened. `waiting`: nobody can start it yet (booting group, majority).
   */
  readonly state: 'running' | 'starting' | 'waiting' | 'error';
  readonly home: ServerName;
  /** The claim that counts: with frames before without. */
  readonly owner: ServerName | undefined;
  /** Who has frames, or had them last and has tried without a break since: who only tries in turn has captured nothing. */
  readonly capturedBy: ServerName | undefined;
  /** Since when `capturedBy` has it. */
  readonly since: Instant | undefined;
  /** While it does not run: who tries, or tried last. */
  readonly triedBy: ServerName | undefined;
  /** While it does not run: when anybody last had frames; absent when nobody had any that this life of the server knows of. */
  readonly framesUntil: Instant | undefined;
}
