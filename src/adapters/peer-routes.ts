import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestHead } from '../group/peer-gate.ts';
import { peerContentType } from '../group/peer-headers.ts';
import type { PeerService, SealedReply } from '../group/peer-service.ts';

/** The whole state of a group of 5,000 streams is about 1 MB. */
const maxRequestBytes = 16 * 1024 * 1024;

/** The peer API on the server's one port. Bodies stay bytes, for it is bytes that are signed. */
export function registerPeerRoutes(app: FastifyInstance, service: PeerService): void {
  void app.register((peers, _options, done) => {
    peers.removeAllContentTypeParsers();
    peers.addContentTypeParser(peerContentType, { parseAs: 'buffer', bodyLimit: maxRequestBytes }, (_, body, parsed) =>
      parsed(null, body),
    );
    // Nobody but a peer that answers a challenge has this server keep a body in memory.
    peers.addHook('onRequest', async (request, reply) => {
      const refusal = service.refusal(headOf(request));
      return refusal === undefined ? undefined : send(reply, refusal);
    });
    for (const path of service.paths)
      peers.post(path, { bodyLimit: maxRequestBytes }, (request, reply) => answer(service, request, reply));
    done();
  });
}

async function answer(service: PeerService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  request.raw.socket.once('close', onClose);
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const sealed = await service.handle({ ...headOf(request), body }, gone.signal);
  request.raw.socket.off('close', onClose);
  return send(reply, sealed);
}

function headOf(request: FastifyRequest): RequestHead {
  const headers = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { method: request.method, path: request.raw.url ?? '', headers };
}

function send(reply: FastifyReply, { status, headers, body }: SealedReply): FastifyReply {
  return reply.code(status).headers(headers).type(peerContentType).send(Buffer.from(body));
}
