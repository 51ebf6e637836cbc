import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { Tally } from '../../units/tally.ts';
import type { DeliveryMeter } from '../metrics/delivery-meter.ts';

type Kind = Parameters<DeliveryMeter['slowViewer']>[0];

/** Viewers that don't take what they asked for: each is counted, and those that are dropped are told in the log, some at a time. */
export class SlowViewers {
  readonly #meter: DeliveryMeter;
  readonly #dropped: Tally;

  constructor({ meter, clock, log }: { readonly meter: DeliveryMeter; readonly clock: Clock; readonly log: Log }) {
    this.#meter = meter;
    this.#dropped = new Tally(clock, log, 'viewers were dropped: too slow for their stream', 'info');
  }

  skipped(kind: Kind): void {
    this.#meter.slowViewer(kind, 'skipped');
  }

  dropped(kind: Kind, stream: StreamName): void {
    this.#meter.slowViewer(kind, 'closed');
    this.#dropped.add({ kind, stream });
  }

  close(): void {
    this.#dropped.close();
  }
}
