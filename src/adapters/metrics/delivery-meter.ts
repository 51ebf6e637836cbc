import type { Answer } from '../../delivery/route/request.ts';
import type { ErrorCode } from '../../units/app-error.ts';

/** What the HTTP side counts; implemented by the metrics. */
export interface DeliveryMeter {
  answered(kind: Answer['kind'] | 'mpegts'): void;
  failed(code: ErrorCode): void;
  sent(kind: 'segment' | 'mpegts', bytes: number): void;
  /** A viewer of MPEG-TS that can't keep up. */
  slowViewer(done: 'skipped' | 'closed'): void;
}
