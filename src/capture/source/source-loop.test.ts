import { describe, expect, it } from 'vitest';
import { demoClip } from '../../../test/support/clip-camera.ts';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { SourceConfig } from '../../config/model/config.ts';
import { AppError } from '../../units/app-error.ts';
import { ticks } from '../../units/ticks.ts';
import type { InputRequest } from './input.ts';
import { SourceLoop } from './source-loop.ts';

const { tracks } = demoClip('gate');
const video = tracks.findIndex(({ kind }) => kind === 'video');
const source = (url: string): SourceConfig => ({ url, protocol: 'rtsp' });
const [a, b, c] = ['rtsp://a/main', 'rtsp://b/main', 'rtsp://c/main'].map(source) as [
  SourceConfig,
  SourceConfig,
  SourceConfig,
];

/** Cameras that send five pictures a second, every tenth a keyframe, unless they are dead, or blind: those flag none. */
function reading(
  sources: readonly SourceConfig[],
  options: { oneConnection?: boolean; mayChange?: () => boolean } = {},
) {
  const clock = new ManualClock();
  const dead = new Set<SourceConfig['url']>();
  const blind = new Set<SourceConfig['url']>();
  const open = new Map<string, number>();
  const opened: string[] = [];
  /** What is done with their media. */
  const story: string[] = [];
  const sinks: CollectingSink[] = [];
  const runInput = async ({ source: { url }, sink, signal }: InputRequest): Promise<void> => {
    opened.push(url);
    if (dead.has(url)) throw new AppError('source-refused', 'refused');
    open.set(url, (open.get(url) ?? 0) + 1);
    try {
      sink.tracks(tracks, []);
      for (let n = 0; !signal.aborted; n++) {
        if (dead.has(url)) throw new AppError('source-closed', 'it broke off');
        sink.frame({
          track: video,
          dts: ticks(n),
          pts: ticks(n),
          keyframe: n % 10 === 0 && !blind.has(url),
          units: [],
        });
        await clock.sleep(ms(200), signal).catch(() => undefined);
      }
    } finally {
      open.set(url, (open.get(url) ?? 0) - 1);
    }
  };
  const loop = new SourceLoop({
    sources,
    sourceTimeout: ms(10_000),
    oneConnection: options.oneConnection ?? false,
    mayChange: options.mayChange ?? (() => true),
    runInput,
    clock,
    random: () => 0.999,
    open: (connection) => {
      story.push(`open ${connection.index}`);
      const sink = new CollectingSink();
      sinks.push(sink);
      return {
        tracks: (...all) => sink.tracks(...all),
        damage: (damage) => sink.damage(damage),
        frame: (frame) => {
          connection.alive();
          sink.frame(frame);
        },
      };
    },
    ended: (index, _error, by) => story.push(by === undefined ? `ended ${index}` : `ended ${index} for ${by}`),
  });
  const life = new AbortController();
  const done = loop.run(life.signal);
  const connections = (): string[] => [...open].filter(([, count]) => count > 0).map(([url]) => url);
  const stop = async (): Promise<void> => {
    life.abort();
    await done;
  };
  return { clock, dead, blind, loop, story, sinks, opened, connections, stop };
}

describe('a source that comes after preferred ones', () => {
  it('is read until one of them has sent for a while, and left for it at a keyframe', async () => {
    const { clock, dead, story, sinks, connections, stop } = reading([a, b]);
    dead.add(a.url);
    await clock.advance(ms(60_000));
    expect(story).toEqual(['open 0', 'ended 0', 'open 1']);
    dead.delete(a.url);
    await clock.advance(ms(32_000));
    // Both are connected, one is read.
    expect([connections(), story.length]).toEqual([[b.url, a.url], 3]);
    await clock.advance(ms(10_000));
    expect(story.slice(3)).toEqual(['ended 1 for 0', 'open 0']);
    expect(connections()).toEqual([a.url]);
    expect(sinks.at(-1)?.announced).toHaveLength(1);
    expect(sinks.at(-1)?.frames[0]?.keyframe).toBe(true);
    const left = sinks.at(-2)?.frames.length;
    await clock.advance(ms(60_000));
    expect(sinks.at(-2)?.frames).toHaveLength(left ?? 0);
    await stop();
    expect([connections(), story.at(-1)]).toEqual([[], 'ended 0']);
  });

  it('is not left for one that does not last', async () => {
    const { clock, dead, story, stop } = reading([a, b]);
    dead.add(a.url);
    await clock.advance(ms(28_000));
    for (let flap = 0; flap < 10; flap++) {
      dead.delete(a.url);
      await clock.advance(ms(8_000));
      dead.add(a.url);
      await clock.advance(ms(22_000));
    }
    expect(story).toEqual(['open 0', 'ended 0', 'open 1']);
    await stop();
  });

  it('is left ever more rarely for one that was left before', async () => {
    const { clock, dead, story, stop } = reading([a, b]);
    const back: number[] = [];
    for (let flap = 0; flap < 4; flap++) {
      dead.add(a.url);
      await clock.advance(ms(1_000));
      dead.delete(a.url);
      const from = clock.monotonic();
      while (story.at(-1) !== 'open 0') await clock.advance(ms(1_000));
      back.push(Math.round((clock.monotonic() - from) / 10_000) * 10);
      await clock.advance(ms(20_000));
    }
    expect(back).toEqual([40, 70, 130, 250]);
    await stop();
  });

  it('is left for the first of them that is good', async () => {
    const { clock, dead, story, stop } = reading([a, b, c]);
    dead.add(a.url);
    dead.add(b.url);
    await clock.advance(ms(5_000));
    expect(story.at(-1)).toBe('open 2');
    dead.delete(b.url);
    await clock.advance(ms(60_000));
    expect(story.slice(-2)).toEqual(['ended 2 for 1', 'open 1']);
    dead.delete(a.url);
    await clock.advance(ms(120_000));
    expect(story.slice(-2)).toEqual(['ended 1 for 0', 'open 0']);
    await stop();
  });

  it('is read alone where the machine of both takes one connection', async () => {
    const sub = source('rtsp://a/sub');
    const { clock, dead, opened, story, stop } = reading([a, sub], { oneConnection: true });
    dead.add(a.url);
    await clock.advance(ms(5_000));
    dead.delete(a.url);
    await clock.advance(ms(600_000));
    expect(opened).toEqual([a.url, sub.url]);
    // It ends by itself: then the first is the next.
    dead.add(sub.url);
    await clock.advance(ms(2_000));
    expect(story.at(-1)).toBe('open 0');
    await stop();
  });

  it('is not left while the source must not change', async () => {
    let mayChange = false;
    const { clock, dead, opened, story, stop } = reading([a, b], { mayChange: () => mayChange });
    dead.add(a.url);
    await clock.advance(ms(5_000));
    dead.delete(a.url);
    await clock.advance(ms(60_000));
    expect([story.at(-1), opened]).toEqual(['open 1', [a.url, b.url]]);
    mayChange = true;
    await clock.advance(ms(45_000));
    expect(story.at(-1)).toBe('open 0');
    await stop();
  });

  it('is not looked away from for long by one that never can be begun with', async () => {
    const { clock, dead, blind, opened, connections, story, stop } = reading([a, b, c]);
    dead.add(a.url);
    dead.add(b.url);
    await clock.advance(ms(5_000));
    dead.delete(a.url);
    blind.add(a.url);
    await clock.advance(ms(80_000));
    // The other preferred one had its turn.
    expect([connections(), opened.slice(3)]).toEqual([[c.url], [a.url, b.url]]);
    await clock.advance(ms(3_600_000));
    expect(story.at(-1)).toBe('open 2');
    // 30 s before the first, ten minutes before each of the last.
    expect(opened.filter((url) => url === a.url).length).toBeLessThan(12);
    await stop();
  });

  it('that breaks off is followed by the one that is looked at, as it is connected', async () => {
    const { clock, dead, opened, sinks, story, stop } = reading([a, b]);
    dead.add(a.url);
    await clock.advance(ms(5_000));
    dead.delete(a.url);
    await clock.advance(ms(30_000));
    const connected = opened.length;
    dead.add(b.url);
    await clock.advance(ms(600));
    expect(story.slice(-2)).toEqual(['ended 1', 'open 0']);
    expect(opened).toHaveLength(connected);
    expect(sinks.at(-1)?.announced).toHaveLength(1);
    expect(sinks.at(-1)?.frames.length).toBeGreaterThan(0);
    // It is read as any other.
    dead.add(a.url);
    dead.delete(b.url);
    await clock.advance(ms(2_000));
    expect(story.slice(-2)).toEqual(['ended 0', 'open 1']);
    await stop();
  });

  it('that breaks off while a preferred one is looked at leaves one connection', async () => {
    const { clock, dead, connections, story, stop } = reading([a, b]);
    dead.add(a.url);
    await clock.advance(ms(5_000));
    dead.delete(a.url);
    await clock.advance(ms(30_000));
    expect(connections()).toHaveLength(2);
    dead.add(b.url);
    await clock.advance(ms(1_000));
    expect([connections(), story.at(-1)]).toEqual([[a.url], 'open 0']);
    await stop();
  });
});

describe('other sources while one is read', () => {
  it('that are appended or inserted leave its connection as it is', async () => {
    const { clock, loop, opened, story, stop } = reading([b]);
    await clock.advance(ms(5_000));
    loop.use([b, c]);
    await clock.advance(ms(60_000));
    expect([opened, story]).toEqual([[b.url], ['open 0']]);
    loop.use([a, b, c]);
    await clock.advance(ms(20_000));
    expect(opened).toEqual([b.url]);
    await clock.advance(ms(60_000));
    expect(story.slice(1)).toEqual(['ended 1 for 0', 'open 0']);
    await stop();
  });

  it('are tried when it ends', async () => {
    const { clock, dead, loop, story, stop } = reading([a]);
    await clock.advance(ms(5_000));
    loop.use([a, b]);
    dead.add(a.url);
    await clock.advance(ms(2_000));
    expect(story.at(-1)).toBe('open 1');
    await stop();
  });

  it('without it end its connection', async () => {
    const { clock, loop, story, connections, stop } = reading([a, b]);
    await clock.advance(ms(5_000));
    loop.use([b]);
    await clock.advance(ms(2_000));
    expect([connections(), story]).toEqual([[b.url], ['open 0', 'ended 0', 'open 0']]);
    await stop();
  });
});
