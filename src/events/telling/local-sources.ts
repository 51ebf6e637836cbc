import type { CaptureFact } from '../../cluster/step/event.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import { after, between, type Instant, type Millis, millis } from '../../units/time.ts';

type SourceNotice = Extract<ClusterNotice, { kind: 'source-lost' | 'source-found' }>;

/** Sources of streams that every server captures for itself: no core tells of them, so what their captures do is told as a core would. */
export class LocalSources {
  readonly #clock: Clock;
  readonly #lostSince = new Map<StreamName, Instant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the operator is to know of the fact; `darkFor`: so long nothing of the stream came to viewers, if it is dark. */
  tell(stream: StreamName, fact: CaptureFact, darkFor: Millis): SourceNotice | undefined {
    const now = this.#clock.monotonic();
    const since = this.#lostSince.get(stream);
    if (fact.kind === 'stalled' && since === undefined) {
      this.#lostSince.set(stream, after(now, millis(-darkFor)));
      return { kind: 'source-lost', stream, error: fact.error, darkMs: Math.round(darkFor) };
    }
    if (fact.kind === 'frames' && since !== undefined) {
      this.#lostSince.delete(stream);
      return { kind: 'source-found', stream, darkMs: Math.round(between(since, now)) };
    }
    return undefined;
  }

  /** It is captured no more, or for the group. */
  forget(stream: StreamName): void {
    this.#lostSince.delete(stream);
  }
}
