import { expect, test } from 'vitest';
import { cam, s01, s02, s03, windowOf } from '../../../test/support/fake-delivery.ts';
import type { CallOutcome, PeerCall, PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler } from '../../group/peer-service.ts';
import type { ServerName } from '../../units/ids.ts';
import { incarnation } from '../../units/ids.ts';
import { instant } from '../../units/time.ts';
import { relayWindows } from './relayed-windows.ts';
import { RemoteWindows } from './remote-windows.ts';

const at = instant(0);
const never = new AbortController().signal;

/** s01 is cut off from s02, which has the stream; s03 reaches both. */
function group() {
  let known = windowOf(1, 3, s02);
  let reachable = true;
  const calls: string[] = [];
  const handlers = new Map<ServerName, PeerHandler>();
  const remoteOf = (self: ServerName): RemoteWindows => {
    const call = async ({ peer, path, body, signal }: PeerCall): Promise<CallOutcome> => {
      calls.push(`${self} ${peer} ${JSON.stringify(body)}`);
      const handler = handlers.get(peer);
      const blocked = (self === s01 && peer === s02) || (peer === s02 && !reachable);
      if (handler === undefined || blocked) return { ok: false, reason: 'timeout' };
      const reply = await handler({ from: self, fromLife: incarnation(1), body, gone: signal });
      expect(path).toBe('/peer/v1/live');
      const travelled: unknown = JSON.parse(JSON.stringify(reply.body));
      return { ok: true, status: reply.status, body: travelled, life: incarnation(1), sentAt: at, answeredAt: at };
    };
    return new RemoteWindows(() => ({ call }) as unknown as PeerClient);
  };
  const owner: PeerHandler = async ({ body }) =>
    (body as { after: number }).after === known.revision ? { status: 304, body: {} } : { status: 200, body: known };
  handlers.set(s02, owner);
  const refuse: PeerHandler = async () => ({ status: 404, body: {} });
  handlers.set(s03, relayWindows(refuse, remoteOf(s03)));
  return {
    remote: remoteOf(s01),
    calls,
    publish: (last: number) => (known = windowOf(1, last, s02)),
    kill: () => (reachable = false),
    relay: relayWindows(refuse, remoteOf(s03)),
  };
}

test('a window comes by another server, with the revision of its owner', async () => {
  const { remote, calls, publish } = group();
  const asked = { stream: cam, owner: s02, by: s03, signal: never };
  expect(await remote.get({ ...asked, afterRevision: 0 })).toEqual(windowOf(1, 3, s02));
  expect(await remote.get({ ...asked, afterRevision: 3 })).toBeUndefined();
  publish(4);
  expect((await remote.get({ ...asked, afterRevision: 3 }))?.revision).toBe(4);
  expect(calls.slice(0, 2)).toEqual([
    's01 s03 {"stream":"site/cam01","after":0,"of":"s02"}',
    's03 s02 {"stream":"site/cam01","after":0}',
  ]);
  expect(remote.last(cam).number).toBe(4);
  await remote.get({ ...asked, shown: 4, afterRevision: 0 });
  expect(calls.at(-1)).toBe('s03 s02 {"stream":"site/cam01","after":0,"shown":4}');
});

test('what the other server can not get is refused, and who is asked straight is asked straight', async () => {
  const { remote, kill } = group();
  kill();
  await expect(remote.get({ stream: cam, owner: s02, by: s03, afterRevision: 0, signal: never })).rejects.toMatchObject(
    {
      code: 'stream-unavailable',
    },
  );
  await expect(remote.get({ stream: cam, owner: s02, afterRevision: 0, signal: never })).rejects.toMatchObject({
    code: 'stream-unavailable',
  });
});

test('who has gone while it was asked is refused, whoever reads it', async () => {
  const { relay } = group();
  const body = { stream: cam, after: 0, of: s02 };
  const gone = AbortSignal.abort();
  expect(await relay({ from: s01, fromLife: incarnation(1), body, gone })).toMatchObject({ status: 404 });
});

test.each([[{ of: 7 }], [{ of: 's02', stream: 7, after: 0 }], [{ of: 's02', stream: 'x', after: 'now' }]])(
  '%j is no question',
  async (body) => {
    const { relay } = group();
    expect((await relay({ from: s01, fromLife: incarnation(1), body, gone: never })).status).toBe(400);
  },
);
