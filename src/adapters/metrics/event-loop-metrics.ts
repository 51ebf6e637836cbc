import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Fine enough for a promise of 50 ms, cheap enough to run always. */
const resolutionMs = 10;

/** How late the main thread's event loop runs timers: the sign of a server that is about to look dead. */
export class EventLoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** In seconds, since the last call: 99 of 100 samples were lower. The sampling's own interval is taken off. */
  takeP99(): number {
    const p99 = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(99) / 1e9 - resolutionMs / 1e3;
    this.#histogram.reset();
    return Math.max(0, p99);
  }
}
