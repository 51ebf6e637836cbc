import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestHead } from '../../group/peer-gate.ts';
import { peerContentType, peerHeaders } from '../../group/peer-headers.ts';
import type { PeerService, SealedReply } from '../../group/peer-service.ts';

/** The whole state of a group of 5,000 streams is about 1 MB. */
const maxRequestBytes = 16 * 1024 * 1024;

/** Bodies of one peer that are being read: a whole state twice, as when one is repeated, and far more than everything else it asks. */
const maxBytesInFlight = 2 * maxRequestBytes;

/** The peer API on the server's one port. Bodies stay bytes, for it is bytes that are signed. */
export function registerPeerRoutes(app: FastifyInstance, service: PeerService): void {
  void app.register((peers, _options, done) => {
    peers.removeAllContentTypeParsers();
    peers.addContentTypeParser(peerContentType, { parseAs: 'buffer', bodyLimit: maxRequestBytes }, (_, body, parsed) =>
      parsed(null, body),
    );
    const reading = new BytesInFlight();
    // Nobody but a holder of the cluster key has this server keep a body in memory, and no more than so much.
    peers.addHook('onRequest', async (request, reply) => {
      const head = headOf(request);
      const refusal = service.refusal(head);
      if (refusal !== undefined) return send(reply, refusal);
      if (reading.begin(head, request.raw)) return undefined;
      return send(reply, { status: 503, headers: {}, body: new Uint8Array(0) });
    });
    for (const path of service.paths)
      peers.post(path, { bodyLimit: maxRequestBytes }, (request, reply) => answer(service, request, reply));
    done();
  });
}

/** What each peer has announced and not yet sent. */
class BytesInFlight {
  readonly #byPeer = new Map<string, number>();

  /** False when the peer would have too much under way; else its body counts until it was read or its connection closed. */
  begin({ headers, bodyLength = 0 }: RequestHead, body: IncomingMessage): boolean {
    const peer = headers(peerHeaders.from) ?? '';
    if (this.#of(peer) + bodyLength > maxBytesInFlight) return false;
    this.#byPeer.set(peer, this.#of(peer) + bodyLength);
    body.once('close', () => this.#byPeer.set(peer, this.#of(peer) - bodyLength));
    return true;
  }

  #of(peer: string): number {
    return this.#byPeer.get(peer) ?? 0;
  }
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
  const length = headers('content-length');
  const bodyLength = length === undefined ? undefined : Number(length);
  return { method: request.method, path: request.raw.url ?? '', headers, bodyLength };
}

function send(reply: FastifyReply, { status, headers, body }: SealedReply): FastifyReply {
  return reply.code(status).headers(headers).type(peerContentType).send(Buffer.from(body));
}
