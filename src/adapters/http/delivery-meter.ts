import type { Answer } from '../../delivery/request.ts';

/** What the routes count; implemented by the metrics. */
export interface DeliveryMeter {
  answered(kind: Answer['kind'] | 'mpegts'): void;
  sent(kind: 'segment' | 'mpegts', bytes: number): void;
}
