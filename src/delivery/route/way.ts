import type { ServerName } from '../../units/ids.ts';
import { type Millis, millis } from '../../units/time.ts';
import { maxHops } from './hops.ts';

/** What to do with a request that only one server can fulfil. */
export type Way =
  | { readonly kind: 'serve' }
  | { readonly kind: 'redirect'; readonly to: ServerName; readonly hops: number }
  | { readonly kind: 'relay'; readonly to: ServerName; readonly hops: number }
  /** Decide again when the owner changed, and no later than `until` after the arrival. */
  | { readonly kind: 'wait'; readonly until: Millis }
  | { readonly kind: 'refuse'; readonly code: 'stream-unavailable' | 'too-many-hops' };

export interface Situation {
  readonly self: ServerName;
  /** Who captures the stream in this server's view. */
  readonly owner: ServerName | undefined;
  /** The owner is dead in this server's view, or its connection just broke: a successor is on its way. */
  readonly ownerDown: boolean;
  readonly hops: number;
  /** Since the request arrived. */
  readonly waited: Millis;
}

/** No request waits longer for a server that could fulfil it: most clients give up at ten seconds. */
export const longestHold: Millis = millis(8000);

/** Who redirected here saw this server as the owner. One of the two views lags; they agree within an exchange, which takes far less. */
const redirectedHold: Millis = millis(1000);

/** The way of an endless stream's request (docs/decisions/009). Pure: the same situation, the same way. */
export function wayTo(situation: Situation): Way {
  const { self, owner, ownerDown, hops, waited } = situation;
  if (owner === self) return { kind: 'serve' };
  // Another server relays from here: only serving helps it, anything else could run in circles.
  if (hops > maxHops) return waited < longestHold ? wait(longestHold) : { kind: 'refuse', code: 'too-many-hops' };
  if (owner === undefined || ownerDown) {
    return waited < longestHold ? wait(longestHold) : { kind: 'refuse', code: 'stream-unavailable' };
  }
  if (hops > 0 && waited < redirectedHold) return wait(redirectedHold);
  return { kind: hops < maxHops ? 'redirect' : 'relay', to: owner, hops: hops + 1 };
}

function wait(until: Millis): Way {
  return { kind: 'wait', until };
}
