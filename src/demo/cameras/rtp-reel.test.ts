import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RtpPacket } from '../../media/rtp/packet.ts';
import { grownClip, readClip } from './clip.ts';
import { keyPieceBefore, renderSpan } from './reel.ts';
import { rtpReel } from './rtp-reel.ts';

const clips = ['lobby', 'gate', 'yard'].map((name) => ({
  name,
  clip: readClip(new Uint8Array(readFileSync(`demo/clip/${name}.ts`))),
}));

interface Sent {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
}

/** What goes out on each channel. */
function watch(parts: readonly Uint8Array[]): Map<number, Sent[]> {
  const channels = new Map<number, Sent[]>();
  const packet = new RtpPacket();
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
      expect(bytes[at]).toBe(0x24);
      expect(packet.read(bytes, at + 4, end)).toBe(true);
      const { sequence, timestamp, marker } = packet;
      const channel = bytes[at + 1] ?? 0;
      channels.set(channel, [...(channels.get(channel) ?? []), { sequence, timestamp, marker }]);
      at = end;
    }
  }
  return channels;
}

const steps = (values: readonly number[], wrap: number): Set<number> =>
  new Set(values.slice(1).map((value, i) => (value - (values[i] ?? 0) + wrap) % wrap));

describe.each(clips)('$name', ({ clip }) => {
  const reel = rtpReel(clip);
  const perLoop = reel.dueAt.length;
  const near = { from: perLoop - 300, to: perLoop + 300 };

  test('a loop is 40 s, 1000 pictures and 1875 sounds', () => {
    expect(reel.loop).toBe(40_000);
    expect(perLoop).toBe(2875);
    expect([...reel.dueAt]).toEqual([...reel.dueAt].sort((a, b) => a - b));
  });

  test('numbers and times go on over the loop, and wrap', () => {
    const shift90k = 2 ** 32 - clip.length90k - 1_000_000;
    const channels = watch(renderSpan(reel, near.from, near.to, { shift90k, audio: true }));
    for (const sent of channels.values())
      expect(
        steps(
          sent.map(({ sequence }) => sequence),
          65_536,
        ),
      ).toEqual(new Set([1]));
    expect(steps(channels.get(2)?.map(({ timestamp }) => timestamp) ?? [], 2 ** 32)).toEqual(new Set([1024]));
    const pictures = channels.get(0)?.filter(({ marker }) => marker) ?? [];
    const times = pictures.map(({ timestamp }) => timestamp).map((time) => (time < 2 ** 31 ? time + 2 ** 32 : time));
    expect(
      steps(
        [...times].sort((a, b) => a - b),
        2 ** 33,
      ),
    ).toEqual(new Set([3600]));
  });

  test('the same piece has the same bytes however it is cut out', () => {
    const options = { shift90k: 77, audio: true };
    const whole = Buffer.concat(renderSpan(reel, near.from, near.to, options));
    const parts = Array.from({ length: 600 }, (_, i) => renderSpan(reel, near.from + i, near.from + i + 1, options));
    expect(Buffer.concat(parts.flat()).equals(whole)).toBe(true);
  });

  test('without audio the video is the same', () => {
    const shift90k = 5;
    const all = watch(renderSpan(reel, near.from, near.to, { shift90k, audio: true }));
    const silent = watch(renderSpan(reel, near.from, near.to, { shift90k, audio: false }));
    expect([...silent.keys()]).toEqual([0]);
    expect(silent.get(0)).toEqual(all.get(0));
  });

  test('a report says what the next picture says', () => {
    const [video] = reel.tracks;
    const piece = keyPieceBefore(reel, 500);
    const [first] = watch(renderSpan(reel, piece, piece + 1, { shift90k: 9, audio: true })).get(0) ?? [];
    const delay = clip.frames[piece];
    if (video === undefined || delay === undefined) throw new Error('no video');
    const reported = reel.timestampAt(video, reel.dueAt[piece] ?? 0, 9);
    expect((first?.timestamp ?? 0) - reported).toBe(delay.pts - delay.dts);
  });

  test('grown to a rate it has that rate', () => {
    const grown = rtpReel(grownClip(clip, 4_000_000));
    const bytes = renderSpan(grown, 0, perLoop, { shift90k: 0, audio: false }).reduce(
      (sum, part) => sum + part.length,
      0,
    );
    expect(bytes / 40 / 500_000).toBeCloseTo(1, 1);
  });
});
