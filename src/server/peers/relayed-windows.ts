import type { PeerHandler, PeerReply } from '../../group/peer-service.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import { AppError } from '../../units/app-error.ts';
import { serverName, streamName } from '../../units/ids.ts';
import { isNumber, type RemoteWindows } from './remote-windows.ts';

/**
 * Serves the own windows, and those of another server to a peer that does not reach it (`of`): asks that server in its turn, and only straight,
 * so that no question runs in circles.
 */
export function relayWindows(own: PeerHandler, remote: RemoteWindows): PeerHandler {
  return (request): Promise<PeerReply> => {
    const { stream, after, of, shown } = (request.body ?? {}) as Record<'stream' | 'after' | 'of' | 'shown', unknown>;
    if (of === undefined) return own(request);
    if (typeof stream !== 'string' || typeof after !== 'number' || typeof of !== 'string') {
      return Promise.resolve({ status: 400, body: {} });
    }
    const asked = {
      stream: streamName(stream),
      owner: serverName(of),
      afterRevision: after,
      shown: isNumber(shown) ? shown : undefined,
      signal: request.gone,
    };
    return remote.get(asked).then(replyOf, refusalOf);
  };
}

function replyOf(window: LiveWindow | undefined): PeerReply {
  return window === undefined ? { status: 304, body: {} } : { status: 200, body: window };
}

/** Whoever asked may have gone meanwhile: then nobody reads it. */
function refusalOf(error: unknown): PeerReply {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError'))
    return { status: 404, body: {} };
  throw error;
}
