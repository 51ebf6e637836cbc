import type { z } from 'zod';
import type { ErrorCode } from '../units/app-error.ts';
import {
  archiveSchema,
  configSchema,
  drainSchema,
  eventsSchema,
  healthSchema,
  readinessSchema,
  reloadSchema,
  serversSchema,
  streamSchema,
  streamsSchema,
  undrainSchema,
} from './schema.ts';

/** One thing that the API can be asked. The table drives the routes, OpenAPI and the reference page. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post';
  /** With `{name}` for the rest of the path, or what of it stands before an ending, slashes and all. */
  readonly path: string;
  readonly summary: string;
  readonly answer: z.ZodType;
  /** Beside `bad-request` and `internal`, which everything can end in. */
  readonly errors: readonly ErrorCode[];
  /** Of the query, each a string with this meaning. */
  readonly query?: Readonly<Record<string, string>>;
}

/** What every verb that changes state can be refused for. */
const editErrors = ['edit-auth-required', 'edit-from-loopback-only', 'cross-origin'] as const;

export const operations = [
  {
    id: 'listServers',
    method: 'get',
    path: '/api/v1/servers',
    summary: 'All servers of the group, as the answering one sees them.',
    answer: serversSchema,
    errors: [],
  },
  {
    id: 'listStreams',
    method: 'get',
    path: '/api/v1/streams',
    summary: 'All streams of the group: where each is captured, and how it fares.',
    answer: streamsSchema,
    errors: [],
  },
  {
    id: 'getStream',
    method: 'get',
    path: '/api/v1/streams/{name}',
    summary: 'One stream.',
    answer: streamSchema,
    errors: ['stream-unknown'],
  },
  {
    id: 'getArchive',
    method: 'get',
    path: '/api/v1/streams/{name}/archive',
    summary: 'What the answering server itself has recorded of a stream.',
    answer: archiveSchema,
    errors: ['stream-unknown'],
    query: {
      from: 'A span back from now, or a time, as `since` of the events; the last 24 hours when absent.',
      to: 'Written as `from`; up to now when absent.',
    },
  },
  {
    id: 'listEvents',
    method: 'get',
    path: '/api/v1/events',
    summary: 'What happened in the group, as far as the answering server knows it.',
    answer: eventsSchema,
    errors: [],
    query: {
      since:
        'A span back from now (`12h`, `1h30m`, `90s`, a bare number is seconds), or a time in UTC: `03:15`, the last time it was that late, or `2026-01-31T22:00:00Z`; the last 24 hours when absent.',
      until: 'Written as `since`; up to now when absent.',
      limit: 'The newest so many, 1 to 10000; 1000 when absent.',
    },
  },
  {
    id: 'getConfig',
    method: 'get',
    path: '/api/v1/config',
    summary: 'Which configuration is in force, and what was said of the file that was read last. Never its text.',
    answer: configSchema,
    errors: [],
  },
  {
    id: 'drain',
    method: 'post',
    path: '/api/v1/drain',
    summary: 'Gives all streams away and takes none; answers when that is done.',
    answer: drainSchema,
    errors: editErrors,
  },
  {
    id: 'undrain',
    method: 'post',
    path: '/api/v1/undrain',
    summary: 'Ends a drain: the server takes streams again.',
    answer: undrainSchema,
    errors: editErrors,
  },
  {
    id: 'reload',
    method: 'post',
    path: '/api/v1/reload',
    summary:
      'Reads the configuration file again; with errors in it the running one stays in force, and all of them are told.',
    answer: reloadSchema,
    errors: [...editErrors, 'config-invalid'],
  },
  {
    id: 'health',
    method: 'get',
    path: '/healthz',
    summary: 'The process answers.',
    answer: healthSchema,
    errors: [],
  },
  {
    id: 'readiness',
    method: 'get',
    path: '/readyz',
    summary: 'Whether the server may capture: settled and not draining. Status 503 when not.',
    answer: readinessSchema,
    errors: [],
  },
] as const satisfies readonly Operation[];

export type OperationId = (typeof operations)[number]['id'];
