import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../adapters/clock.ts';
import { stdinEnd } from '../../adapters/stdin-end.ts';
import { type CameraSpec, startCameras } from './farm.ts';

const usage = `Plays cameras from clips until it is stopped (SIGTERM or SIGINT).

  node dist/demo/cameras/main.js [--rtsp-port N] [--http-port N] [--control-port N] [--clip-dir DIR] [--until-stdin-ends] CAMERA…

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

const options = {
  help: { type: 'boolean', short: 'h', default: false },
  'rtsp-port': { type: 'string', default: '0' },
  'http-port': { type: 'string', default: '0' },
  'control-port': { type: 'string', default: '0' },
  'clip-dir': { type: 'string', default: 'demo/clip' },
  'until-stdin-ends': { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** The cameras that the command line asks for, or what is wrong with it. */
function parseCommand():
  | { readonly values: Values; readonly cameras: readonly CameraSpec[] }
  | { readonly wrong: string } {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const cameras = positionals.map((text) => parseCamera(text, values['clip-dir']));
    const wrong = positionals.find((_, index) => cameras[index] === undefined);
    if (wrong !== undefined) return { wrong: `this is no camera: ${wrong}` };
    if (cameras.length === 0 && !values.help) return { wrong: 'there is no camera to play' };
    return { values, cameras: cameras.filter((camera) => camera !== undefined) };
  } catch (error) {
    return { wrong: messageOf(error) };
  }
}

async function main(): Promise<void> {
  const command = parseCommand();
  if ('wrong' in command) {
    process.stderr.write(`${command.wrong}\n\n${usage}`);
    process.exitCode = 1;
    return;
  }
  if (command.values.help) {
    process.stdout.write(usage);
    return;
  }
  try {
    await play(command.cameras, command.values);
  } catch (error) {
    // A clip that is not there, a port that is taken.
    process.stderr.write(`the cameras can't play: ${messageOf(error)}\n`);
    process.exit(2);
  }
}

async function play(cameras: readonly CameraSpec[], values: Values): Promise<void> {
  const line = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
  const farm = await startCameras({
    cameras,
    clock: systemClock,
    rtspPort: Number(values['rtsp-port']),
    httpPort: Number(values['http-port']),
    controlPort: Number(values['control-port']),
    onEvent: line,
  });
  const end = (): void => void farm.close().then(() => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  if (values['until-stdin-ends']) void stdinEnd().then(end);
  line({
    cameras: Object.fromEntries(cameras.map((camera) => [camera.name, farm.url(camera.name)])),
    control: farm.controlUrl,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
