import type { ServerView } from '../../cluster/step/view.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Instant, latest, type Millis, type UnixMicros } from '../../units/time.ts';
import { lastServedEnd } from './last-end.ts';
import type { SeenSegment } from './seen-segment.ts';

export interface PastEndsOptions {
  /** What the core told of that server lately; undefined: it is none of the group's. */
  readonly view: (server: ServerName) => Pick<ServerView, 'state' | 'lastHeard' | 'earlierHeard'> | undefined;
  /** When that server reported its segments last. */
  readonly reportedAt: (server: ServerName) => Instant | undefined;
  /** Undefined: the stream is not configured. */
  readonly segmentDuration: (stream: StreamName) => Millis | undefined;
  /** The end of what this process published last of the stream, 90 kHz UTC. */
  readonly own: (stream: StreamName) => Ticks | undefined;
  /** In the group's clock. */
  readonly utcAt: (at: Instant) => UnixMicros;
}

/** Where timelines ended at a dead server, or in the life before of one that was restarted, as far as this server can know. */
export class PastEnds {
  readonly #options: PastEndsOptions;

  constructor(options: PastEndsOptions) {
    this.#options = options;
  }

  isDead(server: ServerName): boolean {
    return this.#options.view(server)?.state === 'dead';
  }

  /** When the last life of that server that is over was heard last; undefined: this server knows of none. */
  over(server: ServerName): Instant | undefined {
    const { view, reportedAt } = this.#options;
    const known = view(server);
    return known?.state === 'dead' ? lastOf(known.lastHeard, reportedAt(server)) : known?.earlierHeard;
  }

  /** `seen`: the newest that anybody saw of the stream there. */
  of(stream: StreamName, server: ServerName, seen: SeenSegment | undefined): Ticks | undefined {
    const { segmentDuration, own, utcAt } = this.#options;
    const [heard, duration] = [this.over(server), segmentDuration(stream)];
    if (heard === undefined || duration === undefined) return undefined;
    return lastServedEnd({
      segmentDuration: duration,
      seen,
      own: own(stream),
      ownerDiedAt: ticks((utcAt(heard) * 9) / 100),
    });
  }
}

function lastOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : latest(a, b);
}
