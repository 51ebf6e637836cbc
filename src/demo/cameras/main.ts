import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../adapters/clock.ts';
import { type CameraSpec, startCameras } from './farm.ts';

const usage = `Plays cameras from clips until it is stopped (SIGTERM or SIGINT).

  node dist/demo/cameras/main.js [--rtsp-port N] [--http-port N] [--control-port N] [--clip-dir DIR] CAMERA…

A CAMERA is NAME=PROTOCOL:CLIP[,port=N], with PROTOCOL rtsp or http and CLIP a transport stream (lobby is DIR/lobby.ts).
Prints one JSON line {"cameras":{NAME:URL},"control":URL} when all ports listen, then one line per connection event.
`;

/** `undefined` when the text is no camera. */
function parseCamera(text: string, clipDir: string): CameraSpec | undefined {
  const match = /^([^=]+)=(rtsp|http):([^,]+)(?:,port=(\d+))?$/.exec(text);
  const [, name, protocol, clip, port] = match ?? [];
  if (name === undefined || clip === undefined) return undefined;
  return {
    name,
    clip: existsSync(clip) ? clip : `${clipDir}/${clip}.ts`,
    protocol: protocol === 'rtsp' ? 'rtsp' : 'mpegts-http',
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'rtsp-port': { type: 'string', default: '0' },
      'http-port': { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      'clip-dir': { type: 'string', default: 'demo/clip' },
    },
  });
  const cameras = positionals.map((text) => parseCamera(text, values['clip-dir']));
  const known = cameras.filter((camera) => camera !== undefined);
  if (known.length === 0 || known.length < cameras.length) {
    process.stderr.write(usage);
    process.exitCode = 1;
    return;
  }
  const line = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
  const farm = await startCameras({
    cameras: known,
    clock: systemClock,
    rtspPort: Number(values['rtsp-port']),
    httpPort: Number(values['http-port']),
    controlPort: Number(values['control-port']),
    onEvent: line,
  });
  line({
    cameras: Object.fromEntries(known.map((camera) => [camera.name, farm.url(camera.name)])),
    control: farm.controlUrl,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void farm.close());
}

await main();
