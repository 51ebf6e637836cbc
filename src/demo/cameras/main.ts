import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../adapters/clock.ts';
import { type CameraSpec, startCameras } from './farm.ts';

const usage = `Plays cameras from clips until it is stopped (SIGTERM or SIGINT).

  node dist/demo/cameras/main.js [--rtsp-port N] [--http-port N] [--control-port N] [--clip-dir DIR] CAMERA…

A CAMERA is NAME=PROTOCOL:CLIP[,port=N][,rate=BITS][,start=burst], with PROTOCOL rtsp or http and CLIP a transport stream
(lobby is DIR/lobby.ts). port: its own, so that it refuses connections when dead. rate: RTSP only, its pictures grow to so many bits a
second. start: a burst of the past, back to the last keyframe, on connect.

Prints one JSON line {"cameras":{NAME:URL},"control":URL} when all ports listen, then one line per connection event.
The control URL takes GET /cameras, GET /connections, GET /history?since=MS, POST /forget and POST /cameras/NAME, with any of
{"state":"alive|frozen|dead","second":"accept|refuse|drop-first","start":"live|burst","audio":BOOL,"jumpSeconds":N,
"credentials":{"user":S,"password":S}|null,"auth":"basic|digest|digest-sha256","redirect":URL|null,"sessionTimeoutSeconds":N,
"sdpParameterSets":BOOL}.
`;

/** `undefined` when the text is no camera. */
function parseCamera(text: string, clipDir: string): CameraSpec | undefined {
  const match = /^([^=]+)=(rtsp|http):([^,]+)((?:,(?:port=\d+|rate=\d+|start=(?:burst|live)))*)$/.exec(text);
  const [, name, protocol, clip, options] = match ?? [];
  if (name === undefined || clip === undefined) return undefined;
  const { port, rate, start } = Object.fromEntries((options ?? '').split(',').map((option) => option.split('=')));
  return {
    name,
    clip: existsSync(clip) ? clip : `${clipDir}/${clip}.ts`,
    protocol: protocol === 'rtsp' ? 'rtsp' : 'mpegts-http',
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(rate === undefined ? {} : { bitsPerSecond: Number(rate) }),
    behaviour: { start: start === 'burst' ? 'burst' : 'live' },
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void farm.close().then(() => process.exit()));
}

await main();
