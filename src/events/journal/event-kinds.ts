/** What can happen, and what the operator is to understand by it; the reference page lists the same. */
export const eventKinds = {
  'server-up': 'a server is heard: for the first time, in a new life, or again',
  'server-suspect': 'a server is heard by others only: a firewall or a cable, not its end',
  'server-down': 'a server has left, or is held for dead',
  settled: 'a server is done booting and takes part',
  'stood-still': 'a process did nothing for so long that its peers took its streams; it begins anew',
  drain: 'a server begins to give its streams away',
  drained: 'a server has given away what can be given',
  undrain: 'a server takes streams again',
  takeover: 'a server captures what another no longer does',
  failback: 'the home has a stream back',
  handover: 'a stream went by agreement from a server that drains',
  'handover-failed': 'a stream stays where it is; the move is tried again later',
  'duplicate-stopped': 'of two captures of a stream, one has ended',
  'source-lost': 'a server gets no frames of a stream for source_timeout, or its disk takes none; others try',
  'source-found': 'a lost stream has frames again',
  'source-switched': 'a capture goes on with another url of its stream',
  interrupted: 'video is missing although the stream stayed at its server',
  'config-drift': 'live servers follow different configurations',
  'config-agreed': 'all live servers follow the same configuration again',
  'config-loaded': 'a server follows a new configuration',
  'config-rejected': 'a file has errors; the server keeps its configuration',
} as const satisfies Record<string, string>;

export type EventKind = keyof typeof eventKinds;
