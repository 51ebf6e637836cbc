import type { FastifyInstance } from 'fastify';
import { registerApiRoutes } from '../../adapters/http/api-routes.ts';
import { createApp } from '../../adapters/http/app.ts';
import { registerDeliveryRoutes } from '../../adapters/http/delivery-routes.ts';
import { registerMetricsRoutes } from '../../adapters/http/metrics-routes.ts';
import { OpenFiles } from '../../adapters/http/open-files.ts';
import type { ArchiveFigures } from '../../adapters/metrics/archive-metrics.ts';
import { Metrics } from '../../adapters/metrics/metrics.ts';
import { registerPeerRoutes } from '../../adapters/peer/peer-routes.ts';
import type { ApiPorts } from '../../api/ports.ts';
import type { Listen } from '../../config/model/config.ts';
import { Delivery } from '../../delivery/delivery.ts';
import type { DeliveryPorts } from '../../delivery/ports/ports.ts';
import type { PeerService } from '../../group/peer-service.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { Log } from '../../units/log.ts';
import type { Millis } from '../../units/time.ts';

export interface HttpFrontOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly api: ApiPorts;
  readonly delivery: DeliveryPorts;
  readonly peers: PeerService;
  /** The group's clock minus this server's system clock. */
  readonly groupClockAhead: () => Millis;
  readonly archives: () => readonly ArchiveFigures[];
}

/** In words; others are told by their code. */
const listenFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not (ports below 1024 are for root)',
  ENOTFOUND: 'the name has no address',
};

/** The server's one port: viewers, API, metrics and peers. */
export class HttpFront {
  readonly metrics: Metrics;
  readonly #app: FastifyInstance;
  readonly #delivery: Delivery;
  readonly #files: OpenFiles;

  constructor(options: HttpFrontOptions) {
    const { clock, log } = options;
    this.#delivery = new Delivery({ ports: options.delivery, clock });
    this.#files = new OpenFiles(clock);
    this.metrics = new Metrics({
      version: options.version,
      status: options.api.status,
      held: () => this.#delivery.held,
      mpegtsViewers: () => this.#delivery.mpegtsViewers,
      groupClockAhead: options.groupClockAhead,
      archives: options.archives,
    });
    this.#app = createApp(log, (code) => this.metrics.failed(code));
    // The most specific first: a stream may be named like the rest of the address space.
    registerPeerRoutes(this.#app, options.peers);
    registerApiRoutes(this.#app, options.api);
    registerMetricsRoutes(this.#app, this.metrics);
    const [delivery, files, meter] = [this.#delivery, this.#files, this.metrics];
    registerDeliveryRoutes(this.#app, { delivery, files, clock, log, meter });
  }

  /** Rejects with an `AppError` when the port can't be had. */
  async listen(at: Listen): Promise<void> {
    try {
      // All addresses, IPv4 and IPv6, unless the configuration names one.
      await this.#app.listen({ port: at.port, host: at.host?.replace(/^\[|\]$/g, '') ?? '::' });
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (at.host === undefined && code === 'EAFNOSUPPORT') return this.listen({ ...at, host: '0.0.0.0' });
      const why = listenFailures[code] ?? (code || String(cause));
      throw new AppError('port-unavailable', `can't listen on ${at.host ?? '*'}:${at.port}: ${why}`, { cause });
    }
    this.metrics.start();
  }

  async close(): Promise<void> {
    this.metrics.stop();
    this.#delivery.close();
    await this.#app.close();
    this.#files.close();
  }
}
