import type { Answer } from '../../delivery/route/request.ts';
import type { ErrorCode } from '../../units/app-error.ts';

/** What the HTTP side counts; implemented by the metrics. */
export interface DeliveryMeter {
  answered(kind: Answer['kind'] | 'mpegts'): void;
  failed(code: ErrorCode): void;
  sent(kind: 'segment' | 'mpegts', bytes: number): void;
  /** A viewer that can't keep up: one of MPEG-TS was sent on to a keyframe, or the connection was closed. */
  slowViewer(kind: 'segment' | 'mpegts', done: 'skipped' | 'closed'): void;
}
