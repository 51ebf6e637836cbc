import { hashName, hashPair } from '../../units/hash.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';

/**
 * How far a server's capture of a stream is, as its peers see it.
 * - `trying`: an input is open, no frames yet. `capturing`: frames.
 * - `taking`: an input beside that of `from`, who goes on until this is `capturing` (seamless handover).
 * - `asking`: wants `from` to free the camera's only connection (break handover); no input.
 * - `releasing`: the input is being closed. `released`: it is closed and `to` may connect; who released watches.
 */
export const claimPhases = ['trying', 'capturing', 'taking', 'asking', 'releasing', 'released'] as const;
export type ClaimPhase = (typeof claimPhases)[number];

/** A server's public statement that it captures a stream. */
export interface Claim {
  readonly phase: ClaimPhase;
  /** Who had it before, until that one has let go: with it, two claims are an agreed handover. */
  readonly from: ServerName | undefined;
  /** Who is to have it: of `capturing` an offer, of `releasing` and `released` the successor. */
  readonly to: ServerName | undefined;
  /** Of `capturing`: which of the stream's URLs gives the frames, by its place in the configuration. */
  readonly source: number;
  /** Since when, on this server's clock. */
  readonly since: Instant;
}

/** All that a server publishes about one stream; nothing is published when there is no claim and no failure. */
export interface Standing {
  readonly claim: Claim | undefined;
  /** Its tries without frames in the present outage: since anybody last had some. */
  readonly failures: number;
  /** It lately failed to get frames and is not willing. */
  readonly marked: boolean;
}

export function sameStanding(a: Standing | undefined, b: Standing | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.failures === b.failures && a.marked === b.marked && sameClaim(a.claim, b.claim);
}

function sameClaim(a: Claim | undefined, b: Claim | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.phase === b.phase && a.from === b.from && a.to === b.to && a.source === b.source;
}

/** Holds the stream or is about to: nobody else starts it. */
export function possesses(claim: Claim | undefined): claim is Claim {
  return claim !== undefined && claim.phase !== 'asking';
}

/** The order that decides between two captures with frames: nothing but names, so that every server decides alike whatever it sees. */
export function standsBefore(stream: StreamName, a: ServerName, b: ServerName): boolean {
  const streamHash = hashName(stream);
  const hashA = hashPair(streamHash, hashName(a));
  const hashB = hashPair(streamHash, hashName(b));
  return hashA === hashB ? a < b : hashA > hashB;
}
