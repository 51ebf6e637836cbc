import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';

/** What one server knows of a server of the group, itself included; the source of the API's `servers`. */
export interface ServerView {
  readonly name: ServerName;
  readonly self: boolean;
  readonly state: 'alive' | 'suspect' | 'dead' | 'draining' | 'booting';
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
   * `running`: captured with frames. `starting`: an input is being opened. `waiting`: nobody can start it yet (booting group, majority).
   * `error`: everyone who may has failed; probing goes on.
   */
  readonly state: 'running' | 'starting' | 'waiting' | 'error';
  readonly home: ServerName;
  /** The claim that counts: with frames before without. */
  readonly owner: ServerName | undefined;
  /** Since when that owner, as far as this server saw. */
  readonly since: Instant | undefined;
}
