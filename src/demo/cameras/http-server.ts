import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Camera } from './camera.ts';
import type { Reel } from './reel.ts';

/** What the server must know of a camera. */
export interface HttpCamera {
  readonly camera: Camera;
  readonly reel: Reel;
}

/** Serves each camera as a transport stream without end at `/NAME`. */
export function cameraHttpServer(find: (name: string) => HttpCamera | undefined): Server {
  return createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/').slice(1);
    const found = find(name);
    if (found === undefined) response.writeHead(404).end();
    else serve(found, request, response);
  });
}

function serve({ camera, reel }: HttpCamera, request: IncomingMessage, response: ServerResponse): void {
  const { credentials, redirect } = camera.behaviour;
  if (redirect !== null) {
    response.writeHead(302, { location: redirect }).end();
    return;
  }
  if (credentials !== null && request.headers.authorization !== basic(credentials.user, credentials.password)) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
    return;
  }
  const visit = camera.enter(
    {
      write: (bytes) => response.write(bytes),
      get unsent() {
        return response.writableLength;
      },
      drop: () => response.socket?.destroy(),
    },
    reel,
  );
  if (visit === undefined) {
    if (camera.behaviour.state === 'dead') request.socket.destroy();
    else response.writeHead(503).end();
    return;
  }
  response.once('close', () => visit.leave('the client left'));
  // Without a length and without chunks, as most devices do it.
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, { 'content-type': 'video/mp2t', connection: 'close' });
  response.flushHeaders();
  visit.play();
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
