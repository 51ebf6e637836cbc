import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { cam, s01, surroundings, windowOf } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { Delivery } from '../../delivery/delivery.ts';
import { createApp } from './app.ts';
import { registerDeliveryRoutes } from './delivery-routes.ts';
import { OpenFiles } from './open-files.ts';

const page = readFileSync(new URL('../../../docs/reference/urls.md', import.meta.url), 'utf8').replaceAll('\n', ' ');
const meter = {
  answered: () => undefined,
  failed: () => undefined,
  sent: () => undefined,
  slowViewer: () => undefined,
};

/** The seconds that the page tells at the parenthesis of the pattern, in milliseconds. */
function told(pattern: RegExp): number {
  return Number(pattern.exec(page)?.[1]) * 1000;
}

async function served(list: 'with a list' | 'without a list') {
  const [around, clock] = [surroundings(s01), new ManualClock()];
  const delivery = new Delivery({ ports: around, clock });
  const app = createApp(silentLog);
  registerDeliveryRoutes(app, { delivery, files: new OpenFiles(clock), clock, log: silentLog, meter });
  await app.ready();
  const ask = () => app.inject({ url: `/${cam}/video.m3u8` });
  if (list === 'with a list') {
    around.setLocal(windowOf(1, 3, s01));
    around.setOwner(s01);
    await ask();
    around.setOwner(undefined);
  }
  return { ask, clock, delivery };
}

test.each([
  ['with a list', /A playlist is held for at most ([\d.]+) s and then repeated/, 200],
  ['without a list', /a playlist that never existed yet is held for at most ([\d.]+) s, then `503`/, 503],
] as const)(
  'a playlist of a stream %s and without an owner is held as long as the page tells',
  async (list, text, status) => {
    const { ask, clock, delivery } = await served(list);
    const answer = ask();
    await vi.waitUntil(() => delivery.held === 1);
    const from = clock.monotonic();
    await vi.waitUntil(() => clock.advance(ms(100)).then(() => delivery.held === 0), { interval: 1 });
    const freed = clock.monotonic() - from;
    expect(freed).toBe(told(text));
    expect((await answer).statusCode).toBe(status);
  },
);
