import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StatusPort } from '../../api/ports.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import type { ErrorCode } from '../../units/app-error.ts';
import type { Millis } from '../../units/time.ts';
import { type ArchiveFigures, registerArchiveMetrics } from './archive-metrics.ts';
import type { DeliveryMeter } from './delivery-meter.ts';
import { EventLoopLag } from './event-loop-metrics.ts';
import { registerStatusMetrics } from './status-metrics.ts';

export interface MetricsOptions {
  readonly version: string;
  readonly status: StatusPort;
  /** Requests that wait, and viewers of endless MPEG-TS, at this moment. */
  readonly held: () => number;
  readonly mpegtsViewers: () => number;
  /** The group's clock minus this server's system clock. */
  readonly groupClockAhead: () => Millis;
  /** By root. */
  readonly archives: () => readonly ArchiveFigures[];
}

/** From a seamless handover to a partition's time-out. */
const handoverBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60];

/** `/metrics`: what this server counts, and what it knows of the group. Labels are of closed sets, or streams of the configuration. */
export class Metrics implements DeliveryMeter {
  readonly #registry = new Registry();
  readonly #lag = new EventLoopLag();
  readonly #updateStatus: () => void;
  readonly #updateArchives: () => void;
  readonly #answers: Counter<'kind'>;
  readonly #errors: Counter<'code'>;
  readonly #sent: Counter<'kind'>;
  readonly #slow: Counter<'kind' | 'done'>;
  readonly #takeover: Histogram<'cause'>;
  readonly #handover: Histogram<'kind'>;
  readonly #failedHandovers: Counter;
  readonly #videoLost: Counter;

  constructor(options: MetricsOptions) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#updateStatus = registerStatusMetrics(this.#registry, options);
    this.#updateArchives = registerArchiveMetrics(this.#registry, options.archives);
    this.#registerLag();
    this.#registerClock(options.groupClockAhead);
    this.#answers = new Counter({
      name: 'headwater_http_answers_total',
      help: 'Answers to viewers by what was sent.',
      labelNames: ['kind'],
      registers,
    });
    this.#errors = new Counter({
      name: 'headwater_http_errors_total',
      help: 'Requests that ended in an error, by its code.',
      labelNames: ['code'],
      registers,
    });
    this.#sent = new Counter({
      name: 'headwater_http_sent_bytes_total',
      help: 'Media bytes sent to viewers.',
      labelNames: ['kind'],
      registers,
    });
    this.#slow = new Counter({
      name: 'headwater_slow_viewers_total',
      help: 'Viewers that did not keep up: sent on to a keyframe (MPEG-TS only), or closed.',
      labelNames: ['kind', 'done'],
      registers,
    });
    this.#takeover = new Histogram({
      name: 'headwater_takeover_seconds',
      help: 'From knowing that a stream needs a capture here to its first frames, by cause.',
      labelNames: ['cause'],
      buckets: handoverBuckets,
      registers,
    });
    this.#handover = new Histogram({
      name: 'headwater_handover_seconds',
      help: 'How long failbacks and other handovers to this server took.',
      labelNames: ['kind'],
      buckets: handoverBuckets,
      registers,
    });
    this.#failedHandovers = new Counter({
      name: 'headwater_failed_handovers_total',
      help: 'Handovers that were given up; the stream stayed where it was.',
      registers,
    });
    this.#videoLost = new Counter({
      name: 'headwater_video_lost_seconds_total',
      help: 'Video that no server captured, as measured here at takeovers and source losses.',
      registers,
    });
  }

  /** Begins to sample; constructing samples nothing. */
  start(): void {
    this.#lag.start();
  }

  stop(): void {
    this.#lag.stop();
  }

  answered(kind: Parameters<DeliveryMeter['answered']>[0]): void {
    this.#answers.inc({ kind });
  }

  failed(code: ErrorCode): void {
    this.#errors.inc({ code });
  }

  sent(kind: Parameters<DeliveryMeter['sent']>[0], bytes: number): void {
    this.#sent.inc({ kind }, bytes);
  }

  slowViewer(kind: 'segment' | 'mpegts', done: 'skipped' | 'closed'): void {
    this.#slow.inc({ kind, done });
  }

  /** What the core told, counted. */
  notice(notice: ClusterNotice): void {
    if (notice.kind === 'captured') this.#takeover.observe({ cause: notice.cause }, notice.tookMs / 1000);
    if (notice.kind === 'failback' || notice.kind === 'handover') {
      this.#handover.observe({ kind: notice.kind }, notice.tookMs / 1000);
    }
    if (notice.kind === 'handover-failed') this.#failedHandovers.inc();
  }

  videoLost(span: Millis): void {
    this.#videoLost.inc(Math.max(0, span) / 1000);
  }

  /** The text for a scrape. */
  async text(): Promise<string> {
    this.#updateStatus();
    this.#updateArchives();
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #registerClock(ahead: () => Millis): void {
    new Gauge({
      name: 'headwater_group_clock_ahead_seconds',
      help: "The group's clock minus this server's system clock.",
      registers: [this.#registry],
      collect() {
        this.set(ahead() / 1000);
      },
    });
  }

  #registerLag(): void {
    const lag = this.#lag;
    new Gauge({
      name: 'headwater_event_loop_lag_p99_seconds',
      help: 'How late the main thread ran, 99th percentile since the last scrape.',
      registers: [this.#registry],
      collect() {
        this.set(lag.takeP99());
      },
    });
  }
}
