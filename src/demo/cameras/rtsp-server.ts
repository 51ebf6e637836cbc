import { createServer, type Server, type Socket } from 'node:net';
import { RtspParser } from '../../media/rtsp/parser.ts';
import type { Clock } from '../../units/clock.ts';
import type { Camera } from './camera.ts';
import type { Clip } from './clip.ts';
import type { RtpReel } from './rtp-reel.ts';
import { RtspSession } from './rtsp-session.ts';

/** What the server must know of a camera. */
export interface RtspCamera {
  readonly camera: Camera;
  readonly clip: Clip;
  readonly reel: RtpReel;
}

/** Serves each camera at `/NAME`, over TCP, media interleaved. */
export function cameraRtspServer(find: (name: string) => RtspCamera | undefined, clock: Clock): Server {
  return createServer({ noDelay: true }, (socket) => serve(socket, new RtspSession(find, clock, viewerOf(socket))));
}

function serve(socket: Socket, session: RtspSession): void {
  const parser = new RtspParser({
    message: (message) => {
      if (message.kind === 'request') session.request(message);
    },
    // Receiver reports.
    data: () => {},
    stray: () => {},
  });
  socket.on('data', (bytes) => {
    try {
      parser.push(bytes);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => session.gone());
}

function viewerOf(socket: Socket): ConstructorParameters<typeof RtspSession>[2] {
  return {
    write: (bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    get unsent() {
      return socket.writableLength;
    },
    drop: () => socket.destroy(),
    end: () => socket.end(),
  };
}
