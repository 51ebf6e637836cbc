import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import { after, type Instant, millis } from '../../units/time.ts';
import type { HoldCount } from '../ports/changes.ts';
import type { GroupPort, WindowPort } from '../ports/ports.ts';
import type { Reach } from '../route/reach.ts';
import { LiveStream } from './live-stream.ts';

/** Longer than any player pauses between two requests of one session; after it nobody can notice that the list was forgotten. */
const unviewedAfter = millis(60_000);

interface Viewed {
  readonly live: LiveStream;
  lastAsked: Instant;
  cancelSweep: () => void;
}

/** The streams that somebody views through this server: at most as many as are configured. */
export class LiveStreams {
  readonly #options: {
    readonly group: GroupPort;
    readonly windows: WindowPort;
    readonly clock: Clock;
    readonly holds: HoldCount;
    readonly reach: Reach;
  };
  readonly #viewed = new Map<StreamName, Viewed>();

  constructor(options: {
    readonly group: GroupPort;
    readonly windows: WindowPort;
    readonly clock: Clock;
    readonly holds: HoldCount;
    readonly reach: Reach;
  }) {
    this.#options = options;
  }

  /** The viewed stream, from now on followed; it is one of the configuration. */
  get(stream: StreamName): LiveStream {
    const { clock } = this.#options;
    const viewed = this.#viewed.get(stream);
    if (viewed !== undefined) {
      viewed.lastAsked = clock.monotonic();
      return viewed.live;
    }
    const live = new LiveStream({ stream, ...this.#options });
    const added: Viewed = { live, lastAsked: clock.monotonic(), cancelSweep: () => undefined };
    this.#viewed.set(stream, added);
    this.#sweepLater(stream, added);
    return live;
  }

  close(): void {
    for (const [stream, viewed] of this.#viewed) this.#forget(stream, viewed);
  }

  #sweepLater(stream: StreamName, viewed: Viewed): void {
    const { clock } = this.#options;
    const due = after(viewed.lastAsked, unviewedAfter);
    viewed.cancelSweep = clock.setTimer(due, () => {
      if (clock.monotonic() >= after(viewed.lastAsked, unviewedAfter)) this.#forget(stream, viewed);
      else this.#sweepLater(stream, viewed);
    });
  }

  #forget(stream: StreamName, viewed: Viewed): void {
    viewed.cancelSweep();
    viewed.live.close();
    this.#viewed.delete(stream);
  }
}
