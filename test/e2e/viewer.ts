import { FfmpegClient, withoutKeepAlive } from '../support/ffmpeg.ts';
import type { ServerProcess } from './server-process.ts';

/**
 * Eleven seconds: ffmpeg begins three segments behind the end of the list, and may have waited for the next one. Who has decoded so many since a
 * move has seen what was captured after it.
 */
export const framesPastTheMove = 275;

/** ffmpeg with its default settings, at any server. */
export function watch(server: ServerProcess, stream: string): FfmpegClient {
  return new FfmpegClient(`${server.url}/${stream}/index.m3u8`, withoutKeepAlive);
}

/** What ffmpeg says, rightly, of a hole, and of a segment that was told of but died with its server. */
export const tellsOfAHole =
  /skipping \d+ segments ahead, expired from playlists|HTTP error 503|[Ff]ailed to open segment/;

/** Ends them all with the scope that it is declared in. */
export function ending(clients: readonly FfmpegClient[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
