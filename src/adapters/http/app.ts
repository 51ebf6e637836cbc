import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { ErrorCode } from '../../units/app-error.ts';
import type { Log } from '../../units/log.ts';
import { answerClientError } from './client-error.ts';
import { corsHeaders } from './cors.ts';
import { errorReply } from './error-reply.ts';
import { refusal } from './refusal.ts';

/** Players pause up to a target duration or two between requests; opening a connection each time would cost them more than it costs us. */
const keepAliveMs = 30_000;
/** A client that takes longer to say what it wants is broken or means harm. */
const headersMs = 10_000;
const requestMs = 30_000;
/** Of all headers together; ours have a few hundred bytes. */
const headerBytes = 16 * 1024;
/** Of a request to the API; the peers' API says its own. */
const bodyBytes = 64 * 1024;
/** Far past a machine's worth of viewers, below the usual limit of descriptors. */
const mostConnections = 20_000;

/**
 * The HTTP server of everything: routes are registered by the modules that own them. Fails in JSON, is readable from any page.
 * Closing it ends endless answers too. `failed` hears of every error that was told.
 */
export function createApp(log: Log, failed: (code: ErrorCode) => void = () => undefined): FastifyInstance {
  const fail = failing(log, failed);
  const app = Fastify({
    bodyLimit: bodyBytes,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    forceCloseConnections: true,
    http: { maxHeaderSize: headerBytes, headersTimeout: headersMs, noDelay: true },
    // Paths are read by the modules themselves; only the length of the whole is bounded, by the header's size.
    routerOptions: { maxParamLength: headerBytes, ignoreTrailingSlash: false },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => fail(error, reply),
  });
  app.server.maxConnections = mostConnections;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(corsHeaders);
    done();
  });
  app.setErrorHandler((error, _request, reply) => fail(error, reply));
  app.setNotFoundHandler((request) => {
    throw refusal(app, request);
  });
  return app;
}

/** Answers a failure in JSON; also those of requests that never reach a hook. */
function failing(log: Log, failed: (code: ErrorCode) => void): (error: unknown, reply: FastifyReply) => void {
  return (error, reply) => {
    const failure = errorReply(error, log);
    failed(failure.body.error.code);
    for (const [name, value] of Object.entries({ ...corsHeaders, ...failure.headers })) reply.header(name, value);
    reply.statusCode = failure.status;
    reply.serializer(JSON.stringify).header('content-type', 'application/json; charset=utf-8').send(failure.body);
  };
}
