import type { Config } from '../model/config.ts';

/**
 * The next configuration as a server that runs can follow it: a stream that it has goes on counting its segments as before, for numbers of
 * another duration would go back (docs/decisions/006). The server's next start takes what the file says.
 */
export function followable(inForce: Config, next: Config): Config {
  const durations = new Map(inForce.streams.map(({ name, segmentDuration }) => [name, segmentDuration]));
  const streams = next.streams.map((stream) => {
    const segmentDuration = durations.get(stream.name) ?? stream.segmentDuration;
    return segmentDuration === stream.segmentDuration ? stream : { ...stream, segmentDuration };
  });
  return { ...next, streams };
}
