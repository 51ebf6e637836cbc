import { lookup } from 'node:dns';
import { afterEach, expect, test } from 'vitest';
import { restless } from '../../../test/support/restless.ts';
import { errorOf, runInput } from '../../../test/support/run-input.ts';
import type { ConnectionEvent } from '../../demo/cameras/connection-log.ts';
import { type CameraFarm, type CameraSpec, startCameras } from '../../demo/cameras/farm.ts';
import { systemClock } from '../clock.ts';
import { rtspInput } from './rtsp.ts';

const opened: CameraFarm[] = [];
afterEach(async () => {
  for (const farm of opened.splice(0)) await farm.close();
});

const spec = (clip: string): CameraSpec => ({
  name: clip,
  clip: `demo/clip/${clip}.ts`,
  protocol: 'rtsp',
  behaviour: { start: 'burst' },
});
const lobby = spec('lobby');

async function farmOf(cameras: CameraSpec[], onEvent?: (event: ConnectionEvent) => void): Promise<CameraFarm> {
  const farm = await startCameras({ cameras, clock: systemClock, ...(onEvent && { onEvent }) });
  opened.push(farm);
  return farm;
}

const run = (url: string, timeoutMs?: number) =>
  runInput(rtspInput(systemClock, restless, lookup), { url, protocol: 'rtsp' }, timeoutMs);

test.each(['lobby', 'gate', 'yard'])(
  'delivers the frames of %s until it is aborted, then has said good-bye',
  async (clip) => {
    const farm = await farmOf([spec(clip)]);
    const { sink, ended, abort } = run(farm.url(clip));
    await sink.until(() => sink.of(0).length > 55 && sink.of(1).length > 100);
    expect(sink.announced).toEqual([
      {
        tracks: [
          expect.objectContaining({ codec: 'h264', width: 640, height: 360, timescale: 90_000 }),
          expect.objectContaining({ codec: 'aac', sampleRate: 48_000, channels: 2 }),
        ],
        unsupported: [],
      },
    ]);
    expect(sink.damages).toEqual([]);
    const video = sink.of(0);
    expect(video[0]?.keyframe).toBe(true);
    video.forEach((frame, i) => {
      expect(frame.dts).toBeLessThanOrEqual(frame.pts);
      if (i > 0) expect(frame.dts - (video[i - 1]?.dts ?? 0)).toBe(3600);
    });
    abort();
    const delivered = sink.frames.length;
    await ended;
    expect(sink.frames.length).toBe(delivered);
    expect(farm.history().at(-1)).toMatchObject({ event: 'close', why: 'the client said good-bye' });
  },
);

test('reports put audio and video where they belong, though video came in a burst of the past', async () => {
  // By its name it is 1.1 s behind a keyframe when it starts. Sound that begins later comes without a burst: by arrival it would
  // lie as much too early.
  const farm = await farmOf([{ ...lobby, name: 'porch', behaviour: { start: 'burst', audio: false } }]);
  const { sink, ended, abort } = run(farm.url('porch'));
  await sink.until(() => sink.of(0).length > 25);
  await farm.control('porch', { audio: true });
  await sink.until(() => sink.of(1).length > 20);
  abort();
  await ended;
  const last = (track: number, rate: number): number => (sink.of(track).at(-1)?.dts ?? 0) / rate;
  expect(Math.abs(last(0, 90_000) - last(1, 48_000))).toBeLessThan(0.1);
});

test.each(['basic', 'digest', 'digest-sha256'] as const)('answers %s with the right credentials only', async (auth) => {
  const credentials = { user: 'admin', password: 'p@ss:word' };
  const farm = await farmOf([{ ...lobby, behaviour: { auth, credentials, start: 'burst' } }]);
  const url = (user: string): string => farm.url('lobby').replace('//', `//${user}@`);
  const { sink, ended, abort } = run(url('admin:p%40ss:word'));
  await sink.until(({ frames }) => frames.length > 0);
  abort();
  await ended;
  for (const user of ['admin:secret', '']) {
    const error = await errorOf(run(url(user).replace('//@', '//')).ended);
    expect(error.code).toBe('source-unauthorized');
    expect(error.message).not.toContain('secret');
  }
});

test('parameter sets may come in band only, and the second camera behind a redirect', async () => {
  const farm = await farmOf([lobby, spec('gate')]);
  await farm.control('lobby', { sdpParameterSets: false });
  await farm.control('gate', { redirect: farm.url('lobby') });
  const { sink, ended, abort } = run(farm.url('gate'));
  await sink.until(() => sink.of(0).length > 0);
  expect(sink.announced).toHaveLength(1);
  abort();
  await ended;
});

test('a name with several addresses is tried at all of them', async () => {
  const farm = await farmOf([lobby]);
  const { sink, ended, abort } = run(farm.url('lobby').replace('127.0.0.1', 'localhost'));
  await sink.until(() => sink.of(0).length > 0);
  abort();
  await ended;
});

test('aborted before or while it connects, it ends without a word', async () => {
  const farm = await farmOf([lobby]);
  for (const url of [farm.url('lobby'), 'rtsp://192.0.2.1/none']) {
    const { ended, abort } = run(url);
    abort();
    await ended;
  }
  expect(farm.connections('lobby').open).toBe(0);
});

test('keeps the session alive', async () => {
  const farm = await farmOf([{ ...lobby, behaviour: { sessionTimeoutSeconds: 1, start: 'burst' } }]);
  const { sink, ended, abort } = run(farm.url('lobby'));
  // A burst of up to 50 frames, then over two seconds.
  await Promise.race([ended, sink.until(() => sink.of(0).length > 110)]);
  expect(farm.connections('lobby')).toMatchObject({ open: 1, total: 1 });
  abort();
  await ended;
});

test('a jump of the timestamps goes through as one', async () => {
  const farm = await farmOf([lobby]);
  const { sink, ended, abort } = run(farm.url('lobby'));
  await sink.until(() => sink.of(0).length > 0);
  await farm.control('lobby', { jumpSeconds: 100 });
  const before = sink.of(0).length;
  await sink.until(() => sink.of(0).length > before + 25);
  const times = sink.of(0).map(({ dts }) => dts);
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  expect(steps.filter((step) => step > 90 * 90_000 && step < 110 * 90_000)).toHaveLength(1);
  abort();
  await ended;
});

test.each([
  ['no free connection', 'source-busy', { second: 'refuse' as const }],
  ['a loop of redirects', 'source-protocol', { redirect: 'rtsp://127.0.0.1:PORT/lobby' }],
])('%s is %s', async (_, code, behaviour) => {
  const farm = await farmOf([lobby]);
  const first = run(farm.url('lobby'));
  await first.sink.until(({ frames }) => frames.length > 0);
  const port = new URL(farm.url('lobby')).port;
  await farm.control('lobby', JSON.parse(JSON.stringify(behaviour).replace('PORT', port)));
  expect((await errorOf(run(farm.url('lobby')).ended)).code).toBe(code);
  first.abort();
  await first.ended;
});

test('what the network says becomes a code of this program', async () => {
  const farm = await farmOf([{ ...lobby, port: 0 }, spec('gate')]);
  const url = farm.url('lobby');
  const connected = run(url);
  await connected.sink.until(({ frames }) => frames.length > 0);
  await farm.control('lobby', { state: 'dead' });
  expect((await errorOf(connected.ended)).code).toBe('source-closed');
  expect((await errorOf(run(url).ended)).code).toBe('source-refused');
  expect((await errorOf(run('rtsp://no-such-host.invalid/x').ended)).code).toBe('source-unreachable');
  expect((await errorOf(run(`${farm.url('gate')}x`).ended)).code).toBe('source-not-found');
  await farm.control('lobby', { state: 'frozen' });
  expect((await errorOf(run(url, 200).ended)).code).toBe('source-stalled');
});

test('a camera that drops the first for the second tells which is which', async () => {
  const farm = await farmOf([{ ...lobby, behaviour: { second: 'drop-first', start: 'burst' } }]);
  const first = run(farm.url('lobby'));
  await first.sink.until(({ frames }) => frames.length > 0);
  const second = run(farm.url('lobby'));
  expect((await errorOf(first.ended)).code).toBe('source-closed');
  await second.sink.until(({ frames }) => frames.length > 0);
  expect(farm.connections('lobby')).toMatchObject({ open: 1, mostOpen: 1 });
  second.abort();
  await second.ended;
});
