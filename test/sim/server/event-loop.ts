import type { Schedule } from '../schedule.ts';

/** A process's event loop: one job after another, late while it is slow, none while it is paused or frozen, never again once ended. */
export class EventLoop {
  readonly #schedule: Schedule;
  /** How late the next job is, drawn anew each time. */
  readonly #lagMs: () => number;
  readonly #inbox: (() => void)[] = [];
  #state: 'running' | 'frozen' | 'ended' = 'running';
  #busyUntil = 0;
  #pumping = false;

  constructor(schedule: Schedule, lagMs: () => number) {
    this.#schedule = schedule;
    this.#lagMs = lagMs;
  }

  get state(): 'running' | 'frozen' | 'ended' {
    return this.#state;
  }

  run(job: () => void): void {
    if (this.#state === 'ended') return;
    // Drawn when it wakes up, not per job: being late is not being overloaded without end.
    const lag = this.#inbox.length === 0 ? this.#lagMs() : 0;
    this.#inbox.push(job);
    if (lag > 0) this.pause(lag);
    this.#pump();
  }

  pause(span: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.#schedule.now + span);
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** All that came meanwhile is done now, behind `first` if there is one. */
  thaw(first: (() => void) | undefined): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    if (first !== undefined) this.#inbox.unshift(first);
    this.#pump();
  }

  end(): void {
    this.#state = 'ended';
    this.#inbox.length = 0;
  }

  #pump(): void {
    if (this.#pumping || this.#state !== 'running') return;
    this.#pumping = true;
    if (this.#busyUntil > this.#schedule.now) {
      this.#schedule.at(this.#busyUntil, () => {
        this.#pumping = false;
        this.#pump();
      });
      return;
    }
    // A job may freeze or end its own process.
    while (this.#state === 'running') {
      const job = this.#inbox.shift();
      if (job === undefined) break;
      job();
    }
    this.#pumping = false;
  }
}
