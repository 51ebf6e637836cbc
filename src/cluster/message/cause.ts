/** Why something happened, in API, logs and events alike. */
export const causes = [
  'assigned',
  'process-dead',
  'silent',
  'refused',
  'operator',
  'drain',
  'leave',
  'source-lost',
  'source-found',
  'returned',
  'duplicate',
  'config',
  'reload',
  'partition',
  'stood-still',
  'outlived',
  'started',
  'restarted',
  'unclaimed',
] as const;
export type Cause = (typeof causes)[number];
