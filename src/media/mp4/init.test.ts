import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { Track } from '../track.ts';
import { findBoxes, readBoxes } from './box-reader.ts';
import { codecs, writeInit } from './init.ts';

const tracksOf = (name: string): readonly Track[] => demux(capture(name)).announced[0]?.tracks ?? [];
const both = tracksOf('b-frames.ts');

test('the boxes of a fragmented movie', () => {
  const bytes = writeInit(both);
  expect(readBoxes(bytes).map(({ type }) => type)).toEqual(['ftyp', 'moov']);
  const [moov] = findBoxes(bytes, 'moov');
  expect(readBoxes(bytes, moov?.content, moov?.end).map(({ type }) => type)).toEqual(['mvhd', 'trak', 'trak', 'mvex']);
  expect(findBoxes(bytes, 'moov/mvex/trex')).toHaveLength(2);
  expect(findBoxes(bytes, 'moov/trak/mdia/minf/stbl/stsd')).toHaveLength(2);
});

test('equal tracks give equal bytes, others other bytes', () => {
  expect(writeInit(tracksOf('b-frames.ts'))).toEqual(writeInit(both));
  expect(writeInit(both.slice(0, 1))).not.toEqual(writeInit(both));
});

test('codecs for playlists', () => {
  expect(codecs(both)).toBe('avc1.64000b,mp4a.40.2');
  expect(codecs(tracksOf('audio-only.ts'))).toBe('mp4a.40.2');
});

test('samples that are not square are shown in their shape', () => {
  const bytes = writeInit(tracksOf('interlaced.ts'));
  const [header] = findBoxes(bytes, 'moov/trak/tkhd');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = header?.end ?? 0;
  // 180 samples of 16:11.
  expect([view.getUint16(end - 8), view.getUint16(end - 4)]).toEqual([262, 144]);
  expect(Buffer.from(bytes).includes('pasp\0\0\0\u0010\0\0\0\u000b', 'latin1')).toBe(true);
});

test('the AudioSpecificConfig in its descriptors, byte for byte', () => {
  const bytes = Buffer.from(writeInit(tracksOf('audio-only.ts')));
  const at = bytes.indexOf('esds');
  expect(bytes.subarray(at + 4, at + 4 + 31).toString('hex')).toBe(
    '00000000' + '03190000' + '00' + '0411' + '4015' + '000000' + '00000000' + '00000000' + '05021188' + '060102',
  );
});
