import type { Instant } from '../../units/time.ts';
import type { Effect } from './effect.ts';
import type { ClusterNotice } from './notice.ts';

/** One step of the core: its moment and what is to be done because of it. */
export class Turn {
  readonly now: Instant;
  readonly effects: Effect[] = [];

  constructor(now: Instant) {
    this.now = now;
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  notice(notice: ClusterNotice): void {
    this.effects.push({ type: 'notice', notice });
  }
}
