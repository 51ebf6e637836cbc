import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Millis } from '../../units/time.ts';
import type { Message } from '../message/message.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** Names a peer's parked request until it is answered; chosen by the shell, never reused. */
export type ReplyToken = number;

/** What a probe of a server's port found: a process that answers, nobody there (refused), or nothing in time. */
export type ProbeResult = 'answered' | 'refused' | 'silent';

/**
 * Why a poll brought no answer. `refused`: no process listens there. `reset`: an open connection broke, as when a process dies.
 * `timeout` and `unreachable` tell nothing about the peer: loss can't be told from long delay. `rejected`: it answered, but not
 * with a signature of this group, so it proves no life.
 */
export type PollFailure = 'refused' | 'reset' | 'timeout' | 'unreachable' | 'rejected';

/** Everything that the core can learn. Times are given beside an event, never in it. */
export type Event =
  /** Time passed: sent no later than the instant that `nextWake()` named, and at will. */
  | { readonly type: 'wake' }
  /** A peer's authenticated exchange; answered by exactly one `reply` effect, at once or later (long poll), unless it is gone before. */
  | { readonly type: 'request'; readonly from: ServerName; readonly message: Message; readonly reply: ReplyToken }
  | { readonly type: 'request-gone'; readonly reply: ReplyToken }
  /** The authenticated answer to the poll of that number. */
  | { readonly type: 'answer'; readonly peer: ServerName; readonly poll: number; readonly message: Message }
  | { readonly type: 'poll-failed'; readonly peer: ServerName; readonly poll: number; readonly reason: PollFailure }
  /** A peer asks this server, as a witness, to look at `target` now. Answered by one `reply-probe`. */
  | {
      readonly type: 'probe-request';
      readonly from: ServerName;
      readonly target: ServerName;
      readonly reply: ReplyToken;
    }
  /** What this server's own `probe` effect found. */
  | { readonly type: 'probe-result'; readonly target: ServerName; readonly probe: number; readonly result: ProbeResult }
  /** What the witness of an `ask-witness` effect found; `silent` also when the witness itself did not answer in time. */
  | {
      readonly type: 'witness-result';
      readonly witness: ServerName;
      readonly target: ServerName;
      readonly ask: number;
      readonly result: ProbeResult;
    }
  | { readonly type: 'capture'; readonly stream: StreamName; readonly attempt: number; readonly fact: CaptureFact }
  | { readonly type: 'config'; readonly config: ClusterConfig }
  /** Give the streams away and take none, until `undrain`. */
  | { readonly type: 'drain' }
  | { readonly type: 'undrain' }
  /**
   * Drain, say goodbye to the peers, then the effect `left`. `linger`: so long after the last stream is given away the goodbye
   * waits, for nobody sends viewers to a server that said it; absent: not at all.
   */
  | { readonly type: 'leave'; readonly linger?: Millis };

/** What the media side tells about the capture that the effect `start` of the same attempt began. Transitions only. */
export type CaptureFact =
  /** Frames arrive: the first ones, or again after `stalled`. */
  | { readonly kind: 'frames' }
  /**
   * Only for a `start` with `from`: frames arrive, the predecessor's timeline is adopted, and segments up to the live edge are there:
   * the predecessor may stop at any moment from now on and nothing is lost.
   */
  | { readonly kind: 'ready' }
  /**
   * No frame for `source_timeout`, over all sources and connections and all lives of the worker (of video, where there is video), or the
   * disk takes nothing of what comes. A worker that hangs or dies and gives frames again in that time is not told. `error` without secrets.
   * The media side keeps trying until `stop`.
   */
  | { readonly kind: 'stalled'; readonly error: string }
  /** Media comes from this one of the stream's URLs, by its place in the configuration. The first one until it is told. */
  | { readonly kind: 'source'; readonly source: number }
  /** The input is closed after `stop`: the camera's connection is free. */
  | { readonly kind: 'stopped' };
