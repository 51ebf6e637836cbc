import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { rangeOf } from '../../delivery/byte-range.ts';
import type { Delivery } from '../../delivery/delivery.ts';
import type { Answer, ViewerRequest } from '../../delivery/route/request.ts';
import { parseTarget } from '../../delivery/route/target.ts';
import type { SegmentLocation } from '../../facts/protocol.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { Log } from '../../units/log.ts';
import type { DeliveryMeter } from '../metrics/delivery-meter.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { sendMpegts } from './mpegts-sender.ts';
import type { OpenFiles } from './open-files.ts';
import { registerPageRoutes, sendPage } from './page-routes.ts';
import { refusal } from './refusal.ts';
import { sendSegment } from './segment-sender.ts';
import { SlowViewers } from './slow-viewers.ts';
import { splitUrl, viewerSignal } from './viewer.ts';

export interface DeliveryRoutesOptions {
  readonly delivery: Delivery;
  readonly files: OpenFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: DeliveryMeter;
}

/** One request and all that its answer needs. */
interface Asked extends DeliveryRoutesOptions {
  readonly viewer: ViewerRequest;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly slow: SlowViewers;
}

/** Numbers and names never come to mean other bytes: whoever keeps a copy may use it for as long as a player could ask. */
const immutable = 'public, max-age=3600, immutable';

/** `/NAME/…`: everything for viewers. The least specific route: what other modules register comes first. */
export function registerDeliveryRoutes(app: FastifyInstance, options: DeliveryRoutesOptions): void {
  const slow = new SlowViewers(options);
  const all = { ...options, slow };
  app.addHook('onClose', async () => slow.close());
  registerPageRoutes(app, () => options.delivery.streams());
  app.get('/*', (request, reply) => answer(request, reply, all));
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    // Before the body is read.
    onRequest: async (request) => {
      throw refusal(app, request);
    },
    handler: () => undefined,
  });
  app.options('/*', (_request, reply) => reply.code(204).headers(preflightHeaders).send());
}

/** Synchronous as far as delivery is: a list that is at hand costs no turn of the event loop. */
function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  options: Omit<Asked, 'viewer' | 'request' | 'reply'>,
): unknown {
  const { path, query } = splitUrl(request);
  const target = parseTarget(path);
  if (target === undefined) {
    if (isStreamFolder(path, options.delivery)) return redirect(`${path}/${query && `?${query}`}`, reply);
    throw refusal(request.server, request);
  }
  const asked = { ...options, viewer: { target, query, signal: viewerSignal(reply) }, request, reply };
  if (target.kind === 'mpegts') return mpegts(asked);
  const answered = options.delivery.answer(asked.viewer);
  if (answered instanceof Promise) return answered.then((later) => send(later, asked));
  return send(answered, asked);
}

/** `/NAME`, as people type it, for `/NAME/`. */
function isStreamFolder(path: string, delivery: Delivery): boolean {
  const folder = parseTarget(`${path}/`);
  return folder !== undefined && delivery.streams().includes(folder.stream);
}

function send(answered: Answer, asked: Asked): unknown {
  const { meter, reply } = asked;
  meter.answered(answered.kind);
  switch (answered.kind) {
    case 'playlist':
      reply.header('content-type', 'application/vnd.apple.mpegurl').header('cache-control', 'no-cache');
      return reply.send(answered.body);
    case 'init':
      reply.header('content-type', 'video/mp4').header('cache-control', immutable);
      return reply.send(answered.body);
    case 'page':
      return sendPage(reply, answered.html);
    case 'redirect':
      return redirect(answered.location, reply);
    case 'segment':
      return segment(answered.location, asked);
  }
}

function redirect(location: string, reply: FastifyReply): FastifyReply {
  return reply.code(302).header('location', location).header('cache-control', 'no-store').send();
}

async function mpegts({ viewer, request, reply, delivery, meter, slow }: Asked): Promise<FastifyReply> {
  const answered = await delivery.mpegts(viewer);
  meter.answered(answered.kind === 'redirect' ? 'redirect' : 'mpegts');
  if (answered.kind === 'redirect') return redirect(answered.location, reply);
  reply.hijack();
  const attach = request.method === 'HEAD' ? undefined : answered.attach;
  sendMpegts(reply.raw, { stream: viewer.target.stream, attach, meter, slow });
  return reply;
}

async function segment(
  location: SegmentLocation,
  { viewer, request, reply, files, clock, meter, slow }: Asked,
): Promise<FastifyReply> {
  const range = rangeOf(request.headers.range, location.length);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${location.length}`);
    throw new AppError('range-unsatisfiable', 'the segment has no such bytes');
  }
  const part = range === 'whole' ? { start: 0, length: location.length } : range;
  const headers = {
    ...corsHeaders,
    'content-type': 'video/mp4',
    'content-length': part.length,
    'cache-control': immutable,
    'accept-ranges': 'bytes',
    ...(range === 'whole' ? {} : { 'content-range': contentRange(part, location.length) }),
  };
  const status = range === 'whole' ? 200 : 206;
  const begin = (): void => {
    reply.hijack();
    reply.raw.writeHead(status, headers);
  };
  if (request.method === 'HEAD') {
    begin();
    reply.raw.end();
    return reply;
  }
  const tooSlow = (): void => slow.dropped('segment', viewer.target.stream);
  meter.sent('segment', await sendSegment(reply.raw, files, { location, range: part, clock, begin, tooSlow }));
  return reply;
}

function contentRange(part: { readonly start: number; readonly length: number }, size: number): string {
  return `bytes ${part.start}-${part.start + part.length - 1}/${size}`;
}
