/** The headers that carry names, lives, challenge and signature of the peer API; bodies stay plain JSON. */
export const peerHeaders = {
  from: 'headwater-from',
  to: 'headwater-to',
  fromLife: 'headwater-from-life',
  toLife: 'headwater-to-life',
  challenge: 'headwater-challenge',
  nonce: 'headwater-nonce',
  /** The digest of the body that follows. */
  bodyDigest: 'headwater-body-digest',
  signature: 'headwater-signature',
} as const;

/** A header's value by its lower-case name. */
export type HeaderSource = (name: string) => string | undefined;

/** The type of every body of the peer API, so that no other parser touches the bytes that are signed. */
export const peerContentType = 'application/vnd.headwater.peer+json';
