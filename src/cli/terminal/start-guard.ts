import type { Clock } from '../../units/clock.ts';
import { after, millis } from '../../units/time.ts';
import type { Signals } from './signals.ts';

/** What is told to end while it starts is given so long to have started, to leave in good order then. */
const startPatience = millis(5_000);

/** Sees to it that a process can be ended while it starts, whatever it waits for: a pipe without a writer, a disk that hangs. */
export class StartGuard {
  /** The first signal to end, and the second. */
  readonly asked: Promise<void>;
  readonly askedAgain: Promise<void>;
  #started = false;
  #cancel: () => void = () => undefined;

  /** `giveUp` ends the process at once. */
  constructor(signals: Signals, clock: Clock, giveUp: () => void) {
    const unlessStarted = (): void => {
      if (!this.#started) giveUp();
    };
    this.asked = signals.end();
    this.askedAgain = signals.end();
    void this.asked.then(() => {
      if (!this.#started) this.#cancel = clock.setTimer(after(clock.monotonic(), startPatience), unlessStarted);
    });
    void this.askedAgain.then(unlessStarted);
  }

  /** It runs, or its start has failed: from now on its own loop heeds the signals. */
  started(): void {
    this.#started = true;
    this.#cancel();
  }
}
