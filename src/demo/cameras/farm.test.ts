import { expect, test } from 'vitest';
import { systemClock } from '../../adapters/clock.ts';
import type { ConnectionEvent } from './connection-log.ts';
import { type CameraFarm, type CameraSpec, startCameras } from './farm.ts';

const lobby: CameraSpec = { name: 'lobby', clip: 'demo/clip/lobby.ts', protocol: 'mpegts-http' };
const device: CameraSpec = { ...lobby, name: 'device', port: 0 };

/** A farm whose events can be waited for. */
async function farmOf(...cameras: CameraSpec[]): Promise<{ farm: CameraFarm; next: (event: string) => Promise<void> }> {
  const waiting = new Map<string, () => void>();
  const onEvent = ({ event }: ConnectionEvent): void => waiting.get(event)?.();
  const farm = await startCameras({ cameras, clock: systemClock, controlPort: 0, onEvent });
  return { farm, next: (event) => new Promise((resolve) => waiting.set(event, resolve)) };
}

async function firstBytes(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return value ?? new Uint8Array();
}

const post = (farm: CameraFarm, name: string, control: object): Promise<Response> =>
  fetch(`${farm.controlUrl}/cameras/${name}`, { method: 'POST', body: JSON.stringify(control) });

test('serves whole packets and counts who watches', async () => {
  const { farm, next } = await farmOf(lobby);
  await using _ = farm;
  const left = next('close');
  const response = await fetch(farm.url('lobby'));
  expect(response.headers.get('content-type')).toBe('video/mp2t');
  expect(farm.connections('lobby')).toMatchObject({ open: 1, playing: 1 });
  const bytes = await firstBytes(response);
  expect(bytes[0]).toBe(0x47);
  await left;
  expect(farm.connections('lobby')).toMatchObject({ open: 0, playing: 0, total: 1 });
});

test('two connections get the same bytes', async () => {
  const { farm } = await farmOf({ ...lobby, behaviour: { start: 'burst' } });
  await using _ = farm;
  const [one, two] = await Promise.all([fetch(farm.url('lobby')), fetch(farm.url('lobby'))]);
  const [a, b] = await Promise.all([firstBytes(one), firstBytes(two)]);
  const length = Math.min(a.length, b.length);
  expect(length).toBeGreaterThan(1000);
  expect(Buffer.from(a.subarray(0, length)).equals(b.subarray(0, length))).toBe(true);
});

test('a device that dies refuses connections, and comes back at its port', async () => {
  const { farm } = await farmOf(device);
  await using _ = farm;
  await farm.control('device', { state: 'dead' });
  await expect(fetch(farm.url('device'))).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await farm.control('device', { state: 'alive' });
  expect((await firstBytes(await fetch(farm.url('device')))).length).toBeGreaterThan(0);
});

test('asks for credentials, redirects, refuses a second one', async () => {
  const { farm } = await farmOf(lobby, device);
  await using _ = farm;
  await farm.control('lobby', { credentials: { user: 'u', password: 'p' } });
  expect((await fetch(farm.url('lobby'))).status).toBe(401);
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const first = await fetch(farm.url('lobby'), { headers: { authorization } });
  expect(first.status).toBe(200);
  await farm.control('lobby', { second: 'refuse' });
  expect((await fetch(farm.url('lobby'), { headers: { authorization } })).status).toBe(503);
  await farm.control('device', { redirect: farm.url('lobby') });
  const redirected = await fetch(farm.url('device'), { redirect: 'manual' });
  expect([redirected.status, redirected.headers.get('location')]).toEqual([302, farm.url('lobby')]);
  await first.body?.cancel();
});

test('the control port shows and changes, and refuses what it does not know', async () => {
  const { farm } = await farmOf(lobby);
  await using _ = farm;
  expect(await (await post(farm, 'lobby', { state: 'dead' })).json()).toMatchObject({ state: 'dead' });
  await expect(fetch(farm.url('lobby'))).rejects.toThrow();
  expect((await post(farm, 'lobby', { sate: 'dead' })).status).toBe(400);
  expect((await post(farm, 'none', { state: 'dead' })).status).toBe(400);
  const connections = await (await fetch(`${farm.controlUrl}/connections`)).json();
  expect(connections).toEqual({ connections: { lobby: { open: 0, playing: 0, mostOpen: 0, total: 0, refused: 1 } } });
  const history = await (await fetch(`${farm.controlUrl}/history?since=0`)).json();
  expect(history).toMatchObject({ history: [{ camera: 'lobby', event: 'refuse', why: 'dead' }] });
});
