/**
 * `sources.ts`: any number of cameras that cost nothing, so that what a server takes is its control plane. `http://127.0.0.1:PORT/NAME` is an
 * MPEG-TS stream of one small keyframe every ten seconds. Prints its port.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { readClip } from '../../src/demo/cameras/clip.ts';
import { TsMuxer } from '../../src/media/mpegts/muxer.ts';
import { ticks } from '../../src/units/ticks.ts';
import { after, millis } from '../../src/units/time.ts';
import { clipFolder } from '../harness/farm.ts';

const every = millis(10_000);

const clip = readClip(new Uint8Array(readFileSync(join(clipFolder, 'gate.ts'))));
const keyframe = clip.frames.find((frame) => frame.keyframe);
if (keyframe === undefined) throw new Error('the clip begins with a keyframe');
const muxer = new TsMuxer([clip.video]);
let picture = 0;
/** A demuxer gives a picture when the next begins: who connects gets the last two. */
let recent: Uint8Array[] = [next(), next()];
const viewers = new Set<ServerResponse>();

function next(): Uint8Array {
  picture += 1;
  const time = ticks(picture * every * 90);
  return muxer.write([{ track: 0, dts: time, pts: time, keyframe: true, units: keyframe?.units ?? [] }]);
}

function send(): void {
  const bytes = next();
  recent = [...recent.slice(-1), bytes];
  for (const viewer of viewers) viewer.write(bytes);
  systemClock.setTimer(after(systemClock.monotonic(), every), send);
}

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'video/mp2t' });
  for (const bytes of recent) response.write(bytes);
  viewers.add(response);
  response.once('close', () => viewers.delete(response));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  send();
});
