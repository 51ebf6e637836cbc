import { AppError } from '../units/app-error.ts';
import { streamName } from '../units/ids.ts';
import { parseEventQuery, parseSpanQuery } from './event-query.ts';
import type { OperationId } from './operations.ts';
import type { ApiPorts } from './ports.ts';
import {
  renderChange,
  renderConfig,
  renderDiagnostic,
  renderEvent,
  renderServer,
  renderStream,
} from './render-status.ts';
import type { StreamJson } from './schema.ts';

/** A request freed of HTTP; who may ask was judged before. */
interface ApiRequest {
  readonly query: URLSearchParams;
  /** What stands in the place of `{name}`, decoded. */
  readonly name: string;
}

/** What to answer: JSON in the operation's shape; 200 unless it says otherwise. */
interface ApiAnswer {
  readonly body: unknown;
  readonly status?: number;
}

export type ApiHandler = (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;

/** The handlers of all operations. They throw and reject with `AppError`. */
export function createApi(ports: ApiPorts): Readonly<Record<OperationId, ApiHandler>> {
  const { status, control } = ports;
  return {
    listServers: () => ({ body: { servers: status.servers().map((server) => renderServer(server, ports.now())) } }),
    listStreams: async () => {
      await status.refresh?.();
      return { body: { streams: status.streams().map((stream) => renderStream(stream, ports.now())) } };
    },
    getStream: async ({ name }) => {
      await status.refresh?.();
      return { body: oneStream(ports, name) };
    },
    getArchive: ({ name, query }) => ({ body: archiveOf(ports, name, query) }),
    listEvents: async ({ query }) => {
      const events = await ports.events.list(parseEventQuery(query, ports.wall()));
      return { body: { events: events.map(renderEvent) } };
    },
    getConfig: () => ({ body: renderConfig(status.config()) }),
    drain: async () => ({ body: { streamsLeft: (await control.drain()).streamsLeft } }),
    undrain: async () => {
      await control.undrain();
      return { body: { draining: false } };
    },
    reload: () => reload(ports),
    health: () => ({ body: { status: 'ok' } }),
    readiness: () => {
      const readiness = status.readiness();
      return { body: { status: readiness }, status: readiness === 'ready' ? 200 : 503 };
    },
  };
}

function oneStream(ports: ApiPorts, name: string): StreamJson {
  const stream = ports.status.stream(streamName(name));
  if (stream === undefined) throw new AppError('stream-unknown', 'no stream of that name is in the configuration');
  return renderStream(stream, ports.now());
}

function archiveOf(ports: ApiPorts, name: string, query: URLSearchParams): unknown {
  const stream = streamName(name);
  if (ports.status.stream(stream) === undefined) {
    throw new AppError('stream-unknown', 'no stream of that name is in the configuration');
  }
  const { from, to } = parseSpanQuery(query, ports.wall());
  const intervals = ports.archive.intervals(stream, from, to).map(({ from, to, bytes, servers }) => {
    return { fromMs: Math.round(from / 1_000), toMs: Math.round(to / 1_000), bytes, servers };
  });
  return { intervals };
}

async function reload({ control }: ApiPorts): Promise<ApiAnswer> {
  const { applied, digest, streams, changes, needsRestart, diagnostics } = await control.reload();
  const rendered = diagnostics.map(renderDiagnostic);
  if (applied)
    return { body: { digest, streams, changes: changes.map(renderChange), needsRestart, diagnostics: rendered } };
  throw new AppError('config-invalid', 'the file has errors; the running configuration stays in force', {
    detail: { diagnostics: rendered },
  });
}
