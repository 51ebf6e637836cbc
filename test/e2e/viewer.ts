import { FfmpegClient } from '../support/ffmpeg.ts';
import type { ServerProcess } from './server-process.ts';

/** Frames of a clip before it starts again. */
export const clipFrames = 1000;

/** ffmpeg complains of every redirect to another host while it keeps connections. */
const withoutKeepAlive = ['-http_persistent', '0'];

/** ffmpeg with its default settings, at any server. */
export function watch(server: ServerProcess, stream: string): FfmpegClient {
  return new FfmpegClient(`${server.url}/${stream}/index.m3u8`, withoutKeepAlive);
}

/**
 * What ffmpeg said of the stream. Not of its own output here: raw pictures are counted in frames of 40 ms, and the timeline, which is
 * slewed by up to a millisecond a segment, may put two frames into one of them.
 */
export function complaintsOfStream(complaints: readonly string[]): string[] {
  // A line that came in two pieces is two lines here: the first has a bracket only.
  return complaints.filter((line) => !/to muxer in stream|^\[[^\]]*\] ?$/.test(line));
}
