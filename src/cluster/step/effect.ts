import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Millis } from '../../units/time.ts';
import type { Cause } from '../message/cause.ts';
import type { Message } from '../message/message.ts';
import type { ProbeResult, ReplyToken } from './event.ts';
import type { ClusterNotice } from './notice.ts';

/** Everything that the core can ask for. The shell performs them in order and reports back by events. */
export type Effect =
  /**
   * Exchange state with a peer; ends in exactly one `answer` or `poll-failed` with this number, the latter (`timeout`) when
   * `within` has passed. `fresh`: on a new connection. A newer poll to the same peer replaces the older one, which is aborted and reports nothing.
   */
  | {
      readonly type: 'poll';
      readonly peer: ServerName;
      readonly poll: number;
      readonly message: Message;
      readonly within: Millis;
      readonly fresh: boolean;
    }
  | { readonly type: 'reply'; readonly reply: ReplyToken; readonly message: Message }
  /** Look whether a process listens at the peer's address, on a new connection, within `within`. */
  | { readonly type: 'probe'; readonly target: ServerName; readonly probe: number; readonly within: Millis }
  | {
      readonly type: 'ask-witness';
      readonly witness: ServerName;
      readonly target: ServerName;
      readonly ask: number;
      readonly within: Millis;
    }
  | {
      readonly type: 'reply-probe';
      readonly reply: ReplyToken;
      readonly target: ServerName;
      readonly result: ProbeResult;
    }
  /**
   * Capture the stream. `from`: a server that captures it too and whose timeline is to be adopted (overlapping handover);
   * absent: start behind the last published end, which `behind`, who had frames last and lives, can tell; it may be this server itself.
   * `attempt` is new for every start and returns with every fact.
   * When `from` dies or loses the source before `ready`, the attempt is not stopped: it goes on as the only capture.
   */
  | {
      readonly type: 'start';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly from: ServerName | undefined;
      readonly behind?: ServerName;
      readonly standIn: boolean;
      readonly cause: Cause;
      /** Which of the stream's URLs to begin with, by its place in the configuration: the one that gives its owner frames. Absent: the first. */
      readonly source?: number;
    }
  /** Close the input. `to`: who goes on, so that the viewers of endless connections can be relayed; absent: nobody yet. */
  | {
      readonly type: 'stop';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly to: ServerName | undefined;
      readonly cause: Cause;
    }
  /** The owner of these streams, as `owner()` tells it, is another now. */
  | { readonly type: 'owners-changed'; readonly streams: readonly StreamName[] }
  | { readonly type: 'notice'; readonly notice: ClusterNotice }
  /**
   * This life is void: close every input, make a core with a new incarnation, boot. `above`: a peer knows a later life of this
   * server, and the new one must be later still; absent: it stood still for so long that its peers took its streams.
   */
  | { readonly type: 'reincarnate'; readonly above: Incarnation | undefined }
  /** Everything is given away and said: the process may exit. */
  | { readonly type: 'left' };
