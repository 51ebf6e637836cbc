import type { ControlPort, ReloadResult } from '../../api/ports.ts';
import type { Clock } from '../../units/clock.ts';
import { after, millis } from '../../units/time.ts';
import type { Captures } from '../media/captures.ts';
import type { Reload } from './reload.ts';

/** A drain that is not done by then goes on, but whoever asked is told how far it is. */
const drainAnswerWithin = millis(25_000);

export interface ControlOptions {
  readonly clock: Clock;
  readonly captures: Captures;
  readonly reload: Reload;
  readonly post: (event: { readonly type: 'drain' | 'undrain' }) => void;
  /** Whether another server could take streams. */
  readonly hasTakers: () => boolean;
}

/** What an operator may do with a running server. */
export class Control implements ControlPort {
  readonly #options: ControlOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async drain(): Promise<{ readonly streamsLeft: number }> {
    const { post, clock, hasTakers } = this.#options;
    post({ type: 'drain' });
    const deadline = after(clock.monotonic(), drainAnswerWithin);
    while (this.#left() > 0 && hasTakers() && clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        const cancel = clock.setTimer(deadline, resolve);
        this.#waiting.add(cancel);
      });
    }
    return { streamsLeft: this.#left() };
  }

  undrain(): Promise<void> {
    this.#options.post({ type: 'undrain' });
    return Promise.resolve();
  }

  reload(): Promise<ReloadResult> {
    return this.#options.reload.run();
  }

  /** A capture has ended. */
  captureEnded(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Those of the group; what every server captures for itself stays. */
  #left(): number {
    return [...this.#options.captures.all()].filter((capture) => capture.coreAttempt !== undefined).length;
  }
}
