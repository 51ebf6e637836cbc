import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AacConfig,
  aacTrack,
  parseAdtsHeader,
  parseAudioSpecificConfig,
  writeAdtsHeader,
  writeAudioSpecificConfig,
} from './aac.ts';

/** One table for reading, writing and as seeds. */
const configs: readonly (readonly [string, number[], AacConfig])[] = [
  ['LC 48 kHz stereo', [0x11, 0x90], { objectType: 2, sampleRate: 48_000, channelConfiguration: 2 }],
  ['LC 44.1 kHz mono', [0x12, 0x08], { objectType: 2, sampleRate: 44_100, channelConfiguration: 1 }],
  ['LC 8 kHz mono', [0x15, 0x88], { objectType: 2, sampleRate: 8000, channelConfiguration: 1 }],
  ['LC 48 kHz 7.1', [0x11, 0xb8], { objectType: 2, sampleRate: 48_000, channelConfiguration: 7 }],
  ['a rate of its own', [0x17, 0x80, 0x18, 0x6a, 0x08], { objectType: 2, sampleRate: 12_500, channelConfiguration: 1 }],
  ['USAC, past the escape', [0xf9, 0x46, 0x40], { objectType: 42, sampleRate: 48_000, channelConfiguration: 2 }],
];

test.each(configs)('%s', (_, bytes, config) => {
  expect(parseAudioSpecificConfig(Uint8Array.from(bytes))).toEqual(config);
  expect([...writeAudioSpecificConfig(config)]).toEqual(bytes);
});

test('explicit SBR is read as its core', () => {
  // HE-AAC as cameras send it in an SDP: object type 5 over 24 kHz.
  const config = parseAudioSpecificConfig(Uint8Array.of(0x2b, 0x11, 0x88, 0x00));
  expect(config).toEqual({ objectType: 5, sampleRate: 24_000, channelConfiguration: 2 });
});

test.each([
  ['nothing', []],
  ['cut', [0x11]],
  ['a reserved rate', [0x16, 0x90]],
  ['channels told elsewhere', [0x11, 0x80]],
])('%s is refused', (_, bytes) => {
  expect(parseAudioSpecificConfig(Uint8Array.from(bytes))).toBeUndefined();
});

test('an ADTS header as ffmpeg writes it', () => {
  const header = Uint8Array.of(0xff, 0xf1, 0x4c, 0x80, 0x0f, 0x9f, 0xfc);
  const config = { objectType: 2, sampleRate: 48_000, channelConfiguration: 2 };
  expect(parseAdtsHeader(header, 0)).toEqual({ config, headerBytes: 7, frameBytes: 124, rawBlocks: 1 });
  const out = new Uint8Array(7);
  writeAdtsHeader(out, 0, config, 117);
  expect(out).toEqual(header);
});

test('ADTS headers come back', () => {
  const config = fc.record({
    objectType: fc.integer({ min: 1, max: 4 }),
    sampleRate: fc.constantFrom(96_000, 48_000, 44_100, 8000, 7350),
    channelConfiguration: fc.integer({ min: 1, max: 7 }),
  });
  fc.assert(
    fc.property(config, fc.integer({ min: 1, max: 8184 }), (wanted, payload) => {
      const out = new Uint8Array(9);
      writeAdtsHeader(out, 2, wanted, payload);
      expect(parseAdtsHeader(out, 2)).toEqual({
        config: wanted,
        headerBytes: 7,
        frameBytes: payload + 7,
        rawBlocks: 1,
      });
    }),
  );
});

test.each([
  ['no sync word', [0xff, 0x01, 0x4c, 0x80, 0x0f, 0x9f, 0xfc]],
  ['MPEG layer 2', [0xff, 0xfd, 0x4c, 0x80, 0x0f, 0x9f, 0xfc]],
  ['a reserved rate', [0xff, 0xf1, 0x7c, 0x80, 0x0f, 0x9f, 0xfc]],
  ['shorter than its header', [0xff, 0xf1, 0x4c, 0x80, 0x00, 0xdf, 0xfc]],
])('%s is no ADTS header', (_, bytes) => {
  expect(parseAdtsHeader(Uint8Array.from(bytes), 0)).toBeUndefined();
});

test('a track speaks of its channels and codec', () => {
  expect(aacTrack({ objectType: 2, sampleRate: 48_000, channelConfiguration: 7 })).toMatchObject({
    channels: 8,
    timescale: 48_000,
    codecString: 'mp4a.40.2',
  });
});
