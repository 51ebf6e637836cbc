/** Why something happened, in API, logs and events alike. */
export const causes = [
  'assigned',
  'process-dead',
  'silent',
  'drain',
  'leave',
  'source-lost',
  'source-found',
  'returned',
  'duplicate',
  'config',
  'partition',
  'stood-still',
  'restarted',
  'unclaimed',
] as const;
export type Cause = (typeof causes)[number];
