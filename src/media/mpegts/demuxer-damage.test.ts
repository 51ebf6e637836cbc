import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { CollectingSink } from '../../../test/support/collecting-sink.ts';
import type { Damage } from '../track.ts';
import { crc32Mpeg } from './crc32.ts';
import { packetBytes } from './ts-packet.ts';

const sound = capture('b-frames.ts');
const all = split(sound);
const videoPid = 0x100;
const audioPid = 0x101;
const pmtPid = 0x1000;

function split(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += packetBytes) packets.push(bytes.slice(at, at + packetBytes));
  return packets;
}

const pidOf = (packet: Uint8Array): number => (((packet[1] ?? 0) & 31) << 8) | (packet[2] ?? 0);
const startsUnit = (packet: Uint8Array): boolean => ((packet[1] ?? 0) & 0x40) !== 0;
const joined = (packets: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(packets));

/** The n-th packet that fits, as an index. */
function nth(n: number, fits: (packet: Uint8Array) => boolean): number {
  let seen = 0;
  return all.findIndex((packet) => fits(packet) && seen++ === n);
}

function changed(fits: (packet: Uint8Array) => boolean, change: (packet: Uint8Array) => void): Uint8Array {
  return joined(
    all.map((packet) => {
      const copy = packet.slice();
      if (fits(copy)) change(copy);
      return copy;
    }),
  );
}

const kinds = (sink: CollectingSink): Damage['kind'][] => [...new Set(sink.damages.map(({ kind }) => kind))];
const counts = (sink: CollectingSink): number[] => [sink.of(0).length, sink.of(1).length];

interface Fault {
  readonly fault: string;
  readonly bytes: Uint8Array;
  readonly damage: readonly Damage['kind'][];
  /** Frames of video and audio; all are 50 and 95. */
  readonly frames: readonly [number, number];
}

const withinVideo = nth(0, (packet) => pidOf(packet) === videoPid && !startsUnit(packet));
const eleventhPicture = nth(10, (packet) => pidOf(packet) === videoPid && startsUnit(packet));
const secondKeyframe = nth(
  1,
  (packet) => pidOf(packet) === videoPid && startsUnit(packet) && ((packet[5] ?? 0) & 0x40) !== 0,
);

const faults: readonly Fault[] = [
  { fault: 'nothing', bytes: sound, damage: [], frames: [50, 95] },
  {
    fault: 'a packet within the first keyframe is missing',
    bytes: joined(all.toSpliced(withinVideo, 1)),
    damage: ['continuity'],
    // Nothing can be decoded before the next one.
    frames: [25, 95],
  },
  {
    // Whether the picture in front lost its end can't be known: it goes too.
    fault: 'the beginning of a picture is missing',
    bytes: joined(all.toSpliced(eleventhPicture, 1)),
    damage: ['continuity'],
    frames: [48, 95],
  },
  {
    fault: 'a packet comes twice',
    bytes: joined(all.toSpliced(withinVideo, 0, all[withinVideo] ?? sound)),
    damage: [],
    frames: [50, 95],
  },
  {
    fault: 'a packet within a later keyframe is missing',
    bytes: joined(all.toSpliced(secondKeyframe + 1, 1)),
    damage: ['continuity'],
    frames: [49, 95],
  },
  {
    fault: 'garbage between packets',
    bytes: joined(all.toSpliced(40, 0, new Uint8Array(77).fill(9))),
    damage: ['sync-lost', 'continuity'],
    frames: [49, 95],
  },
  {
    fault: 'a transport error is flagged',
    bytes: joined(
      all.map((packet, i) => (i === eleventhPicture ? packet.slice().fill((packet[1] ?? 0) | 0x80, 1, 2) : packet)),
    ),
    damage: ['continuity'],
    frames: [48, 95],
  },
  {
    fault: 'every counter is zero',
    bytes: changed(
      (packet) => pidOf(packet) === videoPid,
      (packet) => packet.fill((packet[3] ?? 0) & 0xf0, 3, 4),
    ),
    damage: ['continuity'],
    // The sender is found out within the first GOP.
    frames: [25, 95],
  },
  {
    fault: 'the PMT is damaged for ever',
    bytes: changed(
      (packet) => pidOf(packet) === pmtPid,
      (packet) => packet.fill(0x55, 20, 21),
    ),
    damage: ['crc'],
    frames: [0, 0],
  },
  {
    fault: 'the audio never comes',
    bytes: joined(all.filter((packet) => pidOf(packet) !== audioPid)),
    damage: [],
    frames: [50, 0],
  },
  {
    fault: 'the video is scrambled',
    bytes: changed(
      (packet) => pidOf(packet) === videoPid,
      (packet) => packet.fill((packet[3] ?? 0) | 0x80, 3, 4),
    ),
    damage: ['malformed'],
    // Without video the audio is track 0.
    frames: [95, 0],
  },
  {
    fault: 'it ends within a packet',
    bytes: sound.subarray(0, sound.length - 100),
    damage: ['truncated'],
    frames: [50, 94],
  },
  { fault: 'it begins within a packet', bytes: sound.subarray(100), damage: ['sync-lost'], frames: [50, 95] },
];

test.each(faults)('$fault', ({ bytes, damage, frames }) => {
  const sink = demux(bytes);
  expect(kinds(sink)).toEqual(damage);
  expect(counts(sink)).toEqual(frames);
});

test('joining a stream in its middle begins with the next keyframe', () => {
  const sink = demux(joined(all.slice(eleventhPicture + 2)));
  expect(sink.of(0)[0]?.keyframe).toBe(true);
  expect(sink.of(0)).toHaveLength(25);
});

test('two captures spliced within a packet: the cut frame is lost, all else is there', () => {
  const sink = demux(joined([sound.subarray(0, 20_000), sound]));
  expect(kinds(sink)).toEqual(['sync-lost', 'continuity']);
  expect(sink.of(0).length).toBeGreaterThanOrEqual(50 + 25);
  expect(sink.frames.every(({ units }) => units.length > 0)).toBe(true);
});

test('a new version of the map that drops the audio is followed at once', () => {
  const half = all.length >> 1;
  const withoutAudio = all.slice(half).map((packet) => (pidOf(packet) === pmtPid ? mapWithoutAudio(packet) : packet));
  const sink = demux(joined([...all.slice(0, half), ...withoutAudio]));
  expect(sink.announced.map(({ tracks }) => tracks.map(({ kind }) => kind))).toEqual([['video', 'audio'], ['video']]);
  expect(sink.of(0)).toHaveLength(50);
});

/** ffmpeg's map has the sections' fields at fixed places: the second stream takes the last five bytes before the CRC. */
function mapWithoutAudio(packet: Uint8Array): Uint8Array {
  const start = 5;
  const length = 3 + (packet[start + 2] ?? 0);
  const audioBytes = streamBytes(packet, start + 12 + 5 + (packet[start + 16] ?? 0));
  const section = packet.slice(start, start + length - audioBytes);
  section[2] = (section[2] ?? 0) - audioBytes;
  section[5] = 0xc3;
  new DataView(section.buffer).setUint32(section.length - 4, crc32Mpeg(section.subarray(0, -4)));
  const out = packet.slice().fill(0xff, start);
  out.set(section, start);
  return out;
}

function streamBytes(packet: Uint8Array, at: number): number {
  return 5 + (packet[at + 4] ?? 0);
}

/** What networks, proxies and disks do to bytes. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(sound.length - 1), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat(sound.length - 1), length: fc.nat(2000) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(sound.length - 1), length: fc.nat(2000) }),
  fc.record({
    kind: fc.constant('garbage' as const),
    at: fc.nat(sound.length - 1),
    bytes: fc.uint8Array({ maxLength: 500 }),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(sound.length - 1) }),
);

function mutated(bytes: Uint8Array, how: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const before = bytes.subarray(0, how.at);
  switch (how.kind) {
    case 'flip': {
      const copy = bytes.slice();
      copy[how.at] = (copy[how.at] ?? 0) ^ (1 << how.bit);
      return copy;
    }
    case 'drop':
      return joined([before, bytes.subarray(how.at + how.length)]);
    case 'repeat':
      return joined([bytes.subarray(0, how.at + how.length), bytes.subarray(how.at)]);
    case 'garbage':
      return joined([before, how.bytes, bytes.subarray(how.at)]);
    case 'cut':
      return before;
  }
}

test('nothing that happens to the bytes makes it throw, deliver nonsense, or stop for good', () => {
  const lastPictures = demux(sound).of(0).slice(-20);
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 20 }), (mutations) => {
      const sink = demux(joined([mutations.reduce(mutated, sound), sound]));
      for (const { track, dts, pts, units } of sink.frames) {
        expect(sink.announced.at(-1)?.tracks.length).toBeGreaterThan(track);
        expect(Number.isSafeInteger(dts) && Number.isSafeInteger(pts)).toBe(true);
        expect(units.length).toBeGreaterThan(0);
      }
      // The sound copy behind is read, but for its first frames, which wait for the sync or the tables.
      const last = sink.announced.at(-1)?.tracks.findIndex(({ kind }) => kind === 'video') ?? -1;
      expect(
        sink
          .of(last)
          .slice(-20)
          .map(({ units }) => units),
      ).toEqual(lastPictures.map(({ units }) => units));
    }),
    { numRuns: 80 },
  );
});

test('what it holds is bounded, whatever never ends', () => {
  // One video packet over and over, with sound counters: a picture that never ends.
  const packet = (all[withinVideo] ?? sound).slice();
  const endless = new Uint8Array(packetBytes * 16 * 4000);
  for (let i = 0; i * packetBytes < endless.length; i++) {
    packet[3] = ((packet[3] ?? 0) & 0xf0) | (((all[withinVideo]?.[3] ?? 0) + i) & 15);
    endless.set(packet, i * packetBytes);
  }
  const sink = demux(joined([...all.slice(0, withinVideo), endless, sound]));
  expect(kinds(sink)).toContain('too-large');
  expect(sink.of(0).length).toBeGreaterThan(40);
});

/** Streams that are made to cost time: each a megabyte, which sound media passes in a few milliseconds. */
const costly: readonly (readonly [string, (at: number) => number])[] = [
  ['sync bytes everywhere', () => 0x47],
  ['zeros', () => 0],
  ['start codes everywhere', (at) => [0, 0, 1, 9][at % 4] ?? 0],
  ['ADTS sync words everywhere', (at) => (at % 2 === 0 ? 0xff : 0xf1)],
];

test.each(costly)('time is bounded: %s', (_, byteAt) => {
  const payload = Uint8Array.from({ length: packetBytes * 5500 }, (_, i) => byteAt(i));
  // Raw, and as the payload of the video and of the audio.
  const streams = [videoPid, audioPid].map((pid) => {
    const bytes = payload.slice();
    for (let i = 0; i * packetBytes < bytes.length; i++) {
      bytes.set([0x47, (i % 9 === 0 ? 0x40 : 0) | (pid >> 8), pid & 255, 0x10 | (i & 15)], i * packetBytes);
      if (i % 9 === 0) bytes.set([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1], i * packetBytes + 4);
    }
    return bytes;
  });
  const began = process.cpuUsage();
  for (const bytes of [payload, ...streams]) demux(joined([sound, bytes, sound]));
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1e6).toBeLessThan(5);
});
