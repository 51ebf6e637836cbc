import { millis } from '../../units/time.ts';

/** Every wait, pace and count of the core, with its reason. What a user sets is in `ClusterConfig` instead. */
export const bounds = {
  /** A restarted process needs one round of exchanges to claim again what it had (docs/decisions/016). */
  graceForReturning: millis(500),

  /** A poll is sent at least this much above its long-poll wait late before it counts as lost. */
  leastPollMargin: millis(400),
  mostPollMargin: millis(1_000),
  /** A peer without this many chances to be heard within `stale_timeout` would look dead for one lost packet. */
  pollsPerStaleTimeout: 3,
  /** Changes within this span travel together: at most 20 answers a second to each peer, however much changes. */
  coalescing: millis(50),
  /** A change that no parked request could carry is pushed by a poll of our own, but no more often than this. */
  pushPace: millis(250),
  /** Between polls that bring nothing and yet return at once: a peer that does not park must not make us spin. */
  idlePollPace: millis(250),
  /** Failed polls are repeated at once this often, then at a pace that doubles up to the cap. */
  instantRetries: 2,
  firstRetryPace: millis(100),
  /** Also the pace at which a dead peer's return is looked for; its own polls usually tell first. */
  lastRetryPace: millis(1_000),
  /** A parked request is answered after this, whatever its sender wishes. */
  longestParking: millis(30_000),

  /** One refusal may be a restart of the listener; two on new connections say that no process is there. */
  refusalsForDoubt: 2,
  witnessAnswer: millis(300),
  /** The witness's look; less than the asker's patience by a round trip. */
  witnessLook: millis(250),
  /** Two at once: the second answers when the first died in the same moment. */
  witnesses: 2,
  /** Looks owed to peers at a time; more are answered `silent`. */
  mostLooks: 64,
  /** News on its way when its server died arrives later: only what was heard this long after the refusal contradicts it. */
  newsInFlight: millis(100),

  /** An unclaimed stream is started by the second in rank after this: two fetches' worth of lost messages on a LAN. */
  staggerFirst: millis(2_000),
  staggerNext: millis(1_000),

  /** The media side tells the end of each input before (`longestStopping`); should it not, the connection counts as gone. */
  closing: millis(4_500),
  /** An overlapping successor has its source's time-out and these segments' worth to find the predecessor's keyframes. */
  overlap: millis(8_000),
  /** A request for a camera with one connection is heeded in this time or given up: the giver may need all of `closing`. */
  asking: millis(6_500),
  /** How long such a camera may stay dark for a try: connect, keyframe, and a slot that lingers a little. */
  breakTry: millis(6_000),
  /** The giver waits longer than the taker tries, so that the two never try at once. */
  breakResume: millis(9_500),
  /** An offered stream is asked for in this time or offered to the next. */
  offer: millis(4_000),
  /** A server that did not take an offered stream is not offered it again for this long. */
  offerAgain: millis(30_000),

  /** Pause after a failed handover of a stream: doubled each time up to the cap; cameras with one connection go dark, hence rarer. */
  firstHandoverPause: millis(15_000),
  lastHandoverPause: millis(600_000),
  breakPauseFactor: 4,

  /** Beyond `source_timeout`, at which the media side tells of a silent source, the core stops waiting to be told. */
  sourceMargin: millis(3_000),
  /** A server that could not get a stream's frames is not its first choice for this long. */
  failureMark: millis(60_000),
  /** When nobody can: the pause before a round of probing, doubled each round up to the cap. */
  firstProbePause: millis(1_000),
  lastProbePause: millis(10_000),

  /** Restarts and returns older than this are forgiven. */
  flapMemory: millis(600_000),
  /** Kept of each peer: enough to reach every cap. */
  mostFlaps: 16,
  /** Restarts within the memory that cost nothing: an upgrade and a second thought. */
  freeRestarts: 2,
  firstPenalty: millis(5_000),
  lastPenalty: millis(60_000),
  /** `failback_delay` doubles with each flap up to this. */
  lastFailbackDelay: millis(300_000),

  /** Of a life that learns of a later one: two processes by one name must not void each other's lives at the pace of the network. */
  shortestLife: millis(1_000),

  /** A leaving server gives up waiting when nothing was given away for this long … */
  leaveStall: millis(20_000),
  /** … or after this, whatever happens. */
  leaveTotal: millis(600_000),
  /** Peers hear a goodbye in this time or find out by themselves. */
  goodbye: millis(1_000),

  /** The event loop's proof of life: `wake` is asked for at least this often. */
  pulse: millis(1_000),

  /** A standstill of so long is told: a busy machine's are shorter, a debugger's or a hypervisor's longer. */
  toldStandstill: millis(2_000),

  /** Changes remembered for deltas; who knows less gets everything. */
  longestLog: 20_000,
} as const;
