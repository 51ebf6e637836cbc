import { describe, expect, it } from 'vitest';
import { streamName } from '../../units/ids.ts';
import { instant, millis } from '../../units/time.ts';
import { ageNow, LastFrames } from './last-frames.ts';

const cam = streamName('cam');
const at = instant;

describe('the time since the last frame', () => {
  it('counts from the configuration while nobody had one', () => {
    const frames = new LastFrames();
    frames.follow([cam], at(1_000));
    frames.follow([cam], at(2_000));
    expect(frames.age(cam, at(5_000), undefined)).toBe(4_000);
  });

  it('counts from the latest that anything tells', () => {
    const frames = new LastFrames();
    frames.follow([cam], at(0));
    frames.seen(cam, at(3_000));
    frames.seen(cam, at(2_000));
    expect(frames.age(cam, at(5_000), undefined)).toBe(2_000);
    expect(frames.age(cam, at(5_000), at(4_000))).toBe(1_000);
    expect(frames.age(cam, at(5_000), at(1_000))).toBe(2_000);
  });

  it('is forgotten with the stream', () => {
    const frames = new LastFrames();
    frames.follow([cam], at(0));
    frames.seen(cam, at(100));
    frames.follow([], at(200));
    expect(frames.age(cam, at(300), undefined)).toBeUndefined();
    frames.seen(cam, at(300));
    frames.follow([cam], at(400));
    expect(frames.age(cam, at(1_000), undefined)).toBe(600);
  });
});

it.each([
  ['of a source that sends stays as it is until the next word is due', 40, 900, 40],
  ['of a source whose next word is overdue counts on', 40, 1_600, 1_640],
  ['of a source that is silent counts on', 3_000, 900, 3_900],
])('an age %s', (_case, told, ago, shown) => {
  expect(ageNow(millis(told), millis(ago), millis(1_500))).toBe(shown);
});
