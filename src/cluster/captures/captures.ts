import type { ServerName } from '../../units/ids.ts';
import { between, type Instant } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import { noClaim, type OwnClaim, type StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';
import type { Claim, Standing } from '../message/claim.ts';
import type { Turn } from '../step/turn.ts';

/** How an input is to be opened. */
interface Input {
  readonly cause: Cause;
  /** Who captures it too. */
  readonly from: ServerName | undefined;
  /** Who had frames of it last, and can tell what it published. */
  readonly behind?: ServerName | undefined;
  /** Which of the stream's URLs to begin with. */
  readonly source: number;
}

/** The moves of this server's own claims: changes the state, publishes it and has the media side follow. */
export class Captures {
  readonly #roster: Roster;
  #attempts = 0;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** Opens an input of its own; `from`: who released the camera for it. */
  try(stream: StreamState, cause: Cause, turn: Turn, from?: ServerName): void {
    // What gave frames until its server was gone gives them now; a source that was lost is looked for in order.
    const source = cause === 'source-lost' ? 0 : stream.lastSource;
    const behind = from ?? this.#teller(stream);
    const attempt = this.#start(stream, { cause, from: undefined, behind, source }, turn);
    const neededSince = stream.unclaimedSince ?? turn.now;
    this.become(stream, { state: 'trying', attempt, since: turn.now, cause, from, neededSince, lapsed: false });
  }

  /** Opens an input beside the giver's. */
  overlap(stream: StreamState, from: ServerName, cause: Cause, turn: Turn): void {
    const source = this.#roster.claimOf(stream, from)?.source ?? 0;
    const attempt = this.#start(stream, { cause, from, source }, turn);
    this.become(stream, { state: 'taking', attempt, since: turn.now, cause, from, frames: false });
  }

  /** Closes the input that runs. `watch`: until `to` shows frames this server may have to resume. */
  close(
    stream: StreamState,
    options: { readonly cause: Cause; readonly to?: ServerName | undefined; readonly watch?: boolean },
    turn: Turn,
  ): void {
    const { own } = stream;
    const { cause, to, watch = false } = options;
    if (own.state === 'closing') return;
    if (!('attempt' in own)) {
      this.become(stream, noClaim);
      return;
    }
    const { attempt } = own;
    turn.emit({ type: 'stop', stream: stream.name, attempt, to, cause });
    this.become(stream, { state: 'closing', attempt, since: turn.now, to, watch, cause });
  }

  become(stream: StreamState, own: OwnClaim): void {
    stream.own = own;
    if (own.state === 'none') this.#roster.engaged.delete(stream);
    else this.#roster.engaged.add(stream);
    // Whatever it does now, it is not waiting for somebody to begin.
    stream.unclaimedSince = undefined;
    this.publish(stream);
    this.#roster.dirty.add(stream);
  }

  publish(stream: StreamState): void {
    this.#roster.own.setStanding(stream.name, ownStanding(stream));
  }

  /** Media comes from this one of the stream's URLs: whoever takes over begins with it. */
  reads(stream: StreamState, source: number): void {
    stream.ownSource = source;
    this.publish(stream);
  }

  /** Who had frames last, if it lives. */
  #teller({ lastWithFrames }: StreamState): ServerName | undefined {
    if (lastWithFrames === undefined || lastWithFrames === this.#roster.self) return lastWithFrames;
    return this.#roster.peers.get(lastWithFrames)?.live === true ? lastWithFrames : undefined;
  }

  #start(stream: StreamState, input: Input, turn: Turn): number {
    const { cause, from, behind, source } = input;
    const attempt = ++this.#attempts;
    const standIn = this.#roster.home(stream.name) !== this.#roster.self;
    stream.ownSource = source;
    const told = { ...(behind !== undefined && { behind }), ...(source > 0 && { source }) };
    turn.emit({ type: 'start', stream: stream.name, attempt, from, standIn, cause, ...told });
    return attempt;
  }
}

/** What this server publishes about the stream. */
function ownStanding(stream: StreamState): Standing | undefined {
  const claim = ownClaim(stream);
  const marked = stream.markedUntil !== undefined;
  if (claim === undefined && stream.failures === 0 && !marked) return undefined;
  return { claim, failures: stream.failures, marked };
}

export function ownClaim({ own, ownSource }: StreamState): Claim | undefined {
  const source = 0;
  switch (own.state) {
    case 'none':
      return undefined;
    case 'trying':
      return { phase: 'trying', from: own.from, to: undefined, source, since: own.since };
    case 'capturing':
      return { phase: 'capturing', from: own.from, to: own.offer?.to, source: ownSource, since: own.since };
    case 'taking':
    case 'asking':
      return { phase: own.state, from: own.from, to: undefined, source, since: own.since };
    case 'closing':
      return { phase: 'releasing', from: undefined, to: own.to, source, since: own.since };
    case 'released':
      return { phase: 'released', from: undefined, to: own.to, source, since: own.since };
  }
}

export function elapsed(since: Instant, now: Instant): number {
  return Math.round(between(since, now));
}
