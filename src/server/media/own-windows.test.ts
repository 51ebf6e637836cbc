import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { keptFor } from '../../hls/window.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { serveWindows } from '../peers/remote-windows.ts';
import { OwnWindows } from './own-windows.ts';

const cam = streamName('a/cam');
const duration = ms(2_000);

function windows() {
  const clock = new ManualClock();
  const made = new OwnWindows(serverName('self'), clock);
  made.begin(cam, duration);
  const publish = (number: number): void =>
    made.segment(
      cam,
      { number, start: ticks(number * 180_000), duration: ticks(180_000), keyframeHash: 'k', init: 'i', bytes: 1 },
      { path: `/${number}`, offset: 0, length: 1, decodeTimes: [] },
    );
  const gone = new AbortController();
  const serve = serveWindows(made, clock, () => undefined);
  const ask = (body: unknown) => serve({ from: serverName('peer'), fromLife: incarnation(1), body, gone: gone.signal });
  return { clock, made, publish, ask, gone };
}

describe('own windows', () => {
  it('keep segments behind the list, and forget the oldest', () => {
    const { made, publish } = windows();
    for (let number = 1; number <= 12; number++) publish(number);
    expect(made.get(cam)?.segments[0]?.number).toBe(5);
    expect(made.location(cam, 3)?.path).toBe('/3');
    expect(made.location(cam, 2)).toBeUndefined();
  });

  it('stay for late viewers after the capture, and not longer', async () => {
    const { made, publish, clock } = windows();
    publish(1);
    made.end(cam);
    await clock.advance(ms(keptFor(duration) - 1));
    expect(made.location(cam, 1)).toBeDefined();
    await clock.advance(ms(1));
    expect(made.location(cam, 1)).toBeUndefined();
  });

  it('go on when the stream is captured again meanwhile', async () => {
    const { made, publish, clock } = windows();
    publish(1);
    made.end(cam);
    made.begin(cam, duration);
    publish(2);
    await clock.advance(keptFor(duration));
    expect(made.get(cam)?.segments.map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('the peers’ long poll for a window', () => {
  it('is answered at once when the revision is another', async () => {
    const { ask, publish } = windows();
    publish(1);
    expect(await ask({ stream: cam, after: 0 })).toMatchObject({ status: 200, body: { segments: [{ number: 1 }] } });
  });

  it('waits for the next change', async () => {
    const { ask, publish, made, clock } = windows();
    publish(1);
    const answer = ask({ stream: cam, after: made.get(cam)?.revision });
    await clock.advance(ms(1_000));
    publish(2);
    expect(await answer).toMatchObject({ status: 200, body: { segments: [{ number: 1 }, { number: 2 }] } });
  });

  it('says so when nothing changed in its time', async () => {
    const { ask, publish, made, clock } = windows();
    publish(1);
    const answer = ask({ stream: cam, after: made.get(cam)?.revision });
    await clock.advance(ms(10_000));
    expect((await answer).status).toBe(304);
  });

  it.each([
    [{ stream: 'unknown', after: 0 }, 404],
    [{ stream: cam }, 400],
    [{ after: 0 }, 400],
    [7, 400],
    [null, 400],
  ])('refuses %j with %i', async (body, status) => {
    expect((await windows().ask(body)).status).toBe(status);
  });
});
