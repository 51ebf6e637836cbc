import { Counter, Gauge, type Registry } from 'prom-client';
import type { StatusPort, StreamStatus } from '../api/ports.ts';

export interface StatusMetricsOptions {
  readonly version: string;
  readonly status: StatusPort;
  readonly held: () => number;
  readonly mpegtsViewers: () => number;
}

/** What is read at the moment of a scrape. Of single streams only those captured here are told: the group's servers together tell all. */
export function registerStatusMetrics(registry: Registry, options: StatusMetricsOptions): void {
  const registers = [registry];
  const { status } = options;
  new Gauge({
    name: 'headwater_build_info',
    help: 'The version of the program.',
    labelNames: ['version'],
    registers,
  }).set({ version: options.version }, 1);
  counted(registry, 'headwater_group_servers', "The group's servers by state, as seen here.", () =>
    countBy(status.servers(), (server) => server.view.state),
  );
  counted(registry, 'headwater_group_streams', "The group's streams by state, as seen here.", () =>
    countBy(status.streams(), (stream) => stream.view.state),
  );
  single(registry, 'headwater_captured_streams', 'Streams that this server captures.', () => captured(status).length);
  single(
    registry,
    'headwater_stand_in_streams',
    'Of these, streams whose home is another server.',
    () => captured(status).filter(({ view }) => view.home !== view.owner).length,
  );
  single(registry, 'headwater_config_differing_servers', 'Live servers whose configuration differs.', () =>
    differing(status),
  );
  single(registry, 'headwater_held_requests', "Viewers' requests that wait.", options.held);
  single(registry, 'headwater_mpegts_viewers', 'Viewers of endless MPEG-TS on this server.', options.mpegtsViewers);
  perStream(
    registry,
    status,
    'headwater_stream_frame_age_seconds',
    'Since the last frame of a stream captured here.',
    (stream) => (stream.media?.lastFrameAge === undefined ? undefined : stream.media.lastFrameAge / 1000),
  );
  perStreamTotal(
    registry,
    status,
    'headwater_stream_received_bytes_total',
    'From the source since the capture here began.',
    (stream) => stream.media?.bytesTotal,
  );
  perStreamTotal(
    registry,
    status,
    'headwater_stream_damage_total',
    'Faults in what the source sent since the capture here began.',
    (stream) => stream.media?.damageTotal,
  );
}

function captured(status: StatusPort): StreamStatus[] {
  const self = status.servers().find((server) => server.view.self)?.view.name;
  return status.streams().filter(({ view }) => view.owner === self);
}

function differing(status: StatusPort): number {
  const servers = status.servers();
  const own = servers.find((server) => server.view.self)?.view.configDigest;
  return servers.filter(
    ({ view }) => view.state !== 'dead' && view.configDigest !== undefined && view.configDigest !== own,
  ).length;
}

function single(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function counted(registry: Registry, name: string, help: string, read: () => ReadonlyMap<string, number>): void {
  new Gauge({
    name,
    help,
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [state, count] of read()) this.set({ state }, count);
    },
  });
}

type PerStream = (stream: StreamStatus) => number | undefined;

function perStream(registry: Registry, status: StatusPort, name: string, help: string, read: PerStream): void {
  new Gauge({
    name,
    help,
    labelNames: ['stream'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [stream, value] of ofCaptured(status, read)) this.set({ stream }, value);
    },
  });
}

/** Counted elsewhere: what a scrape finds is set anew each time. */
function perStreamTotal(registry: Registry, status: StatusPort, name: string, help: string, read: PerStream): void {
  new Counter({
    name,
    help,
    labelNames: ['stream'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [stream, value] of ofCaptured(status, read)) this.inc({ stream }, value);
    },
  });
}

function ofCaptured(status: StatusPort, read: PerStream): [string, number][] {
  return captured(status).flatMap((stream) => {
    const value = read(stream);
    return value === undefined ? [] : [[stream.view.name, value]];
  });
}

function countBy<T>(list: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of list) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
