import { expect, test } from 'vitest';
import { streamKind } from './stream-type.ts';

const registered = (format: string) => ({ tag: 5, data: new TextEncoder().encode(format) });

test.each([
  [0x1b, [], { kind: 'h264' }],
  [0x0f, [], { kind: 'aac' }],
  [0x24, [], { kind: 'unsupported', codec: 'H.265' }],
  [0x02, [], { kind: 'unsupported', codec: 'MPEG-2 video' }],
  [0x03, [], { kind: 'unsupported', codec: 'MP2 (MPEG-1 audio)' }],
  [0x81, [registered('AC-3')], { kind: 'unsupported', codec: 'AC-3' }],
  [0x06, [{ tag: 0x6a, data: new Uint8Array(1) }], { kind: 'unsupported', codec: 'AC-3' }],
  [0x06, [registered('Opus')], { kind: 'unsupported', codec: 'Opus' }],
  [
    0x06,
    [
      { tag: 0x52, data: new Uint8Array(1) },
      { tag: 0x56, data: new Uint8Array(5) },
    ],
    { kind: 'unsupported', codec: 'teletext' },
  ],
  [0x06, [], { kind: 'unsupported', codec: 'private data' }],
  [0x9a, [registered('????')], { kind: 'unsupported', codec: 'stream type 0x9a' }],
] as const)('stream type 0x%s', (streamType, descriptors, kind) => {
  expect(streamKind({ pid: 0x100, streamType, descriptors })).toEqual(kind);
});
