import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ApiHandler, createApi } from '../../api/api.ts';
import { assertMayEdit, type EditRequest } from '../../api/edit-guard.ts';
import { type Operation, type OperationId, operations } from '../../api/operations.ts';
import type { ApiPorts } from '../../api/ports.ts';
import { AppError } from '../../units/app-error.ts';
import { equalSecrets } from './equal-secrets.ts';
import { splitUrl } from './viewer.ts';

/** What proxies say of themselves. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

/** The status and control API, `/healthz` and `/readyz`. */
export function registerApiRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const handlers = createApi(ports);
  // What a verb's body says is ignored, whatever its type: `curl -X POST`, a form and an empty JSON are all fine.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, parsed) => parsed(null, undefined));
    for (const operation of operations) route(scope, operation, handlers, ports);
    done();
  });
}

/** What stands behind `{name}`. A router takes no ending behind a rest of any length. */
function endingOf({ path }: Operation): string {
  return path.split('}')[1] ?? '';
}

function route(
  app: FastifyInstance,
  operation: (typeof operations)[number],
  handlers: Readonly<Record<OperationId, ApiHandler>>,
  ports: ApiPorts,
): void {
  // Its address is one of the operation without the ending, which is asked for first.
  if (endingOf(operation) !== '') return;
  const [prefix = ''] = operation.path.split('{');
  const longer = operations.find((other) => endingOf(other) !== '' && other.path.startsWith(`${operation.path}/`));
  const ending = longer === undefined ? '' : endingOf(longer);
  app.route({
    method: operation.method === 'get' ? ['GET', 'HEAD'] : 'POST',
    url: operation.path.includes('{') ? `${prefix}*` : operation.path,
    ...(operation.method === 'post' ? { onRequest: guard(ports) } : {}),
    handler: async (request, reply) => {
      const { path, query } = splitUrl(request);
      const isLonger = longer !== undefined && path.endsWith(ending);
      const name = decoded(path.slice(prefix.length, isLonger ? -ending.length : undefined));
      const handler = handlers[isLonger ? longer.id : operation.id];
      const answer = await handler({ query: new URLSearchParams(query), name });
      reply.header('cache-control', 'no-store').code(answer.status ?? 200);
      return answer.body;
    },
  });
}

/** Before the body is read. */
function guard(ports: ApiPorts): (request: FastifyRequest) => Promise<void> {
  return async (request) => assertMayEdit(editRequest(request), { editAuth: ports.editAuth(), equalSecrets });
}

function editRequest(request: FastifyRequest): EditRequest {
  const { headers } = request;
  return {
    remoteAddress: request.raw.socket.remoteAddress,
    host: headers.host,
    origin: headers.origin,
    fetchSite: one(headers['sec-fetch-site']),
    authorization: headers.authorization,
    forwarded: proxyHeaders.some((name) => headers[name] !== undefined),
  };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError('bad-request', 'the address is not percent-encoded UTF-8');
  }
}
