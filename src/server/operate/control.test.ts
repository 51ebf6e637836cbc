import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { runningConfig } from '../../../test/support/running-config.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { serverName, streamName } from '../../units/ids.ts';
import { unixMicros } from '../../units/time.ts';
import { Captures } from '../media/captures.ts';
import { OwnWindows } from '../media/own-windows.ts';
import { Control } from './control.ts';
import { Reload } from './reload.ts';

const [one, two, own] = [streamName('one'), streamName('two'), streamName('own')];
const text = `
stream one { url http://x/; cluster_ingest; }
stream two { url http://x/; cluster_ingest; }
stream own { url http://x/; }
`;

/** A server that captures all three streams. */
function server({ hasTakers = true } = {}) {
  const clock = new ManualClock();
  const config = runningConfig(text, 'me');
  const posted: string[] = [];
  const captures: Captures = new Captures({
    pool: { send: () => undefined },
    windows: new OwnWindows(serverName('me'), clock),
    config: (stream) => config.stream(stream),
    archive: () => undefined,
    fact: () => undefined,
    follow: () => Promise.resolve(),
    lastWindow: () => Promise.resolve(undefined),
    lastPublished: () => ({ end: undefined, number: undefined, targetDuration: undefined }),
    clock,
    utc: () => unixMicros(0),
    observer: {
      started() {},
      mpegts() {},
      segment() {},
      steppedOn() {},
      sourceUsed() {},
      sourceFailed() {},
      pulse() {},
      ended: () => control.captureEnded(),
    },
  });
  const reload = new Reload({
    config,
    load: () => Promise.resolve({ config: config.config, diagnostics: [] }),
    utc: () => unixMicros(0),
    write: () => undefined,
    log: silentLog,
    apply: { group() {}, restartInput() {}, useSources() {}, archive() {}, local() {}, ownersChanged() {} },
  });
  const control = new Control({
    clock,
    captures,
    reload,
    post: ({ type }) => posted.push(type),
    hasTakers: () => hasTakers,
  });
  captures.start({ stream: one, attempt: 1, from: undefined, standIn: false });
  captures.start({ stream: two, attempt: 2, from: undefined, standIn: true });
  captures.start({ stream: own, attempt: undefined, from: undefined, standIn: false });
  const drain = (): { answer: () => number | undefined } => {
    let left: number | undefined;
    void control.drain().then(({ streamsLeft }) => (left = streamsLeft));
    return { answer: () => left };
  };
  return { clock, control, posted, drain, captures };
}

describe('a drain', () => {
  it("is answered when the last of the group's streams is given away; what a server captures for itself stays", async () => {
    const { clock, posted, drain, captures } = server();
    const asked = drain();
    captures.stop({ stream: one, attempt: 1 });
    await clock.advance(ms(10_000));
    expect([posted, asked.answer()]).toEqual([['drain'], undefined]);
    captures.stop({ stream: two, attempt: 2 });
    await clock.advance(ms(0));
    expect(asked.answer()).toBe(0);
    expect([...captures.all()].map(({ stream }) => stream)).toEqual([own]);
  });

  it('is answered after 25 seconds with what is left, and goes on', async () => {
    const { clock, drain, captures } = server();
    const asked = drain();
    captures.stop({ stream: one, attempt: 1 });
    await clock.advance(ms(24_999));
    expect(asked.answer()).toBeUndefined();
    await clock.advance(ms(1));
    expect(asked.answer()).toBe(1);
  });

  it('that nobody could take over from is answered at once', async () => {
    const { clock, posted, drain } = server({ hasTakers: false });
    const asked = drain();
    await clock.advance(ms(0));
    expect([posted, asked.answer()]).toEqual([['drain'], 2]);
  });

  it('is answered to all who asked', async () => {
    const { clock, drain, captures } = server();
    const [first, second] = [drain(), drain()];
    captures.stop({ stream: one, attempt: 1 });
    captures.stop({ stream: two, attempt: 2 });
    await clock.advance(ms(0));
    expect([first.answer(), second.answer()]).toEqual([0, 0]);
  });
});

it('an undrain is passed on and waits for nothing', async () => {
  const { control, posted } = server();
  await control.undrain();
  expect(posted).toEqual(['undrain']);
});

it('a reload is answered with what became of it', async () => {
  const { control } = server();
  expect(await control.reload()).toMatchObject({ applied: true, diagnostics: [] });
});
