import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { peerContentType } from '../group/peer-headers.ts';
import type { PeerService } from '../group/peer-service.ts';

/** The whole state of a group of 5,000 streams is about 1 MB. */
const maxRequestBytes = 16 * 1024 * 1024;

/** The peer API on the server's one port. Bodies stay bytes, for it is bytes that are signed. */
export function registerPeerRoutes(app: FastifyInstance, service: PeerService): void {
  void app.register((peers, _options, done) => {
    peers.removeAllContentTypeParsers();
    peers.addContentTypeParser(peerContentType, { parseAs: 'buffer', bodyLimit: maxRequestBytes }, (_, body, parsed) =>
      parsed(null, body),
    );
    for (const path of service.paths)
      peers.post(path, { bodyLimit: maxRequestBytes }, (request, reply) => answer(service, path, request, reply));
    done();
  });
}

async function answer(
  service: PeerService,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  request.raw.socket.once('close', onClose);
  const headers = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const sealed = await service.handle({ method: 'POST', path, headers, body }, gone.signal);
  request.raw.socket.off('close', onClose);
  return reply.code(sealed.status).headers(sealed.headers).type(peerContentType).send(Buffer.from(sealed.body));
}
