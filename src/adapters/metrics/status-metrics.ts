import { Counter, Gauge, type Registry } from 'prom-client';
import type { ServerStatus, StatusPort, StreamStatus } from '../../api/ports.ts';

export interface StatusMetricsOptions {
  readonly version: string;
  readonly status: StatusPort;
  readonly held: () => number;
  readonly mpegtsViewers: () => number;
}

/**
 * All that one scrape reads of the group: building it costs a walk over all streams, so every metric tells of the same one. Media are looked up
 * only of the streams that a metric tells of one by one.
 */
interface Snapshot {
  readonly servers: readonly ServerStatus[];
  readonly views: readonly StreamStatus['view'][];
  /** By this server. */
  readonly captured: readonly StreamStatus[];
  /** Captured by this server, or by nobody who has frames: the latter every server tells, for the one that had them may be gone. */
  readonly watched: readonly StreamStatus[];
}

type Update = (snapshot: Snapshot) => void;

/**
 * What is read at the moment of a scrape: the returned function reads it, once for all. Of single streams only those captured here are told, and
 * those that nobody has: the group's servers together tell all.
 */
export function registerStatusMetrics(registry: Registry, options: StatusMetricsOptions): () => void {
  const registers = [registry];
  new Gauge({
    name: 'headwater_build_info',
    help: 'The version of the program.',
    labelNames: ['version'],
    registers,
  }).set({ version: options.version }, 1);
  const updates = [...groupMetrics(registry, options), ...streamMetrics(registry)];
  return () => {
    const snapshot = take(options.status);
    for (const update of updates) update(snapshot);
  };
}

function groupMetrics(registry: Registry, { held, mpegtsViewers }: StatusMetricsOptions): Update[] {
  return [
    counted(registry, 'headwater_group_servers', "The group's servers by state, as seen here.", ({ servers }) =>
      countBy(servers, (server) => server.view.state),
    ),
    counted(registry, 'headwater_group_streams', "The group's streams by state, as seen here.", ({ views }) =>
      countBy(views, ({ state }) => state),
    ),
    single(
      registry,
      'headwater_captured_streams',
      'Streams that this server captures.',
      ({ captured }) => captured.length,
    ),
    single(
      registry,
      'headwater_stand_in_streams',
      'Of these, streams whose home is another server.',
      ({ captured }) => captured.filter(({ view }) => view.home !== view.capturedBy).length,
    ),
    single(registry, 'headwater_config_differing_servers', 'Live servers whose configuration differs.', ({ servers }) =>
      differing(servers),
    ),
    single(registry, 'headwater_held_requests', "Viewers' requests that wait.", held),
    single(registry, 'headwater_mpegts_viewers', 'Viewers of endless MPEG-TS on this server.', mpegtsViewers),
  ];
}

function streamMetrics(registry: Registry): Update[] {
  return [
    perStream(
      registry,
      'headwater_stream_frame_age_seconds',
      'Since the last frame that anybody had of a stream captured here or by nobody.',
      ({ lastFrameAge }) => (lastFrameAge === undefined ? undefined : lastFrameAge / 1000),
      'watched',
    ),
    perStreamTotal(
      registry,
      'headwater_stream_received_bytes_total',
      'From the source since the capture here began.',
      (stream) => stream.media?.bytesTotal,
    ),
    perStreamTotal(
      registry,
      'headwater_stream_damage_total',
      'Faults in what the source sent since the capture here began.',
      (stream) => stream.media?.damageTotal,
    ),
    perStreamTotal(
      registry,
      'headwater_stream_lost_segments_total',
      'Segments that the disk did not take since the capture here began.',
      (stream) => stream.media?.lostSegmentsTotal,
    ),
  ];
}

function take(status: StatusPort): Snapshot {
  const servers = status.servers();
  const self = servers.find((server) => server.view.self)?.view.name;
  const views = status.views();
  const watched = status.streams(views.filter(({ state, capturedBy }) => state !== 'running' || capturedBy === self));
  const captured = watched.filter(({ view }) => view.capturedBy === self);
  return { servers, views, captured, watched };
}

function differing(servers: readonly ServerStatus[]): number {
  const own = servers.find((server) => server.view.self)?.view.configDigest;
  return servers.filter(
    ({ view }) => view.state !== 'dead' && view.configDigest !== undefined && view.configDigest !== own,
  ).length;
}

function single(registry: Registry, name: string, help: string, read: (snapshot: Snapshot) => number): Update {
  const gauge = new Gauge({ name, help, registers: [registry] });
  return (snapshot) => gauge.set(read(snapshot));
}

function counted(
  registry: Registry,
  name: string,
  help: string,
  read: (snapshot: Snapshot) => ReadonlyMap<string, number>,
): Update {
  const gauge = new Gauge({ name, help, labelNames: ['state'], registers: [registry] });
  return (snapshot) => {
    gauge.reset();
    for (const [state, count] of read(snapshot)) gauge.set({ state }, count);
  };
}

type PerStream = (stream: StreamStatus) => number | undefined;

function perStream(
  registry: Registry,
  name: string,
  help: string,
  read: PerStream,
  of: 'captured' | 'watched',
): Update {
  const gauge = new Gauge({ name, help, labelNames: ['stream'], registers: [registry] });
  return (snapshot) => {
    gauge.reset();
    for (const [stream, value] of valuesOf(snapshot[of], read)) gauge.set({ stream }, value);
  };
}

/** Counted elsewhere: what a scrape finds is set anew each time. */
function perStreamTotal(registry: Registry, name: string, help: string, read: PerStream): Update {
  const counter = new Counter({ name, help, labelNames: ['stream'], registers: [registry] });
  return ({ captured }) => {
    counter.reset();
    for (const [stream, value] of valuesOf(captured, read)) counter.inc({ stream }, value);
  };
}

function valuesOf(streams: readonly StreamStatus[], read: PerStream): [string, number][] {
  return streams.flatMap((stream) => {
    const value = read(stream);
    return value === undefined ? [] : [[stream.view.name, value]];
  });
}

function countBy<T>(list: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of list) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
