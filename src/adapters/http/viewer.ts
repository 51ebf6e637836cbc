import type { FastifyReply, FastifyRequest } from 'fastify';

/** Path and query of a request, as they came over the wire: the query without `?`. */
export function splitUrl(request: FastifyRequest): { readonly path: string; readonly query: string } {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** A signal that is made when first asked for, and aborted when the viewer's connection ends before the answer does. */
export function viewerSignal(reply: FastifyReply): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller === undefined) {
      const made = new AbortController();
      controller = made;
      if (reply.raw.destroyed) made.abort();
      else reply.raw.once('close', () => made.abort());
    }
    return controller.signal;
  };
}
