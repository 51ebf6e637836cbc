import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headersOf, noBody, type RtspMessage, serializeMessage, writeInterleavedHeader } from './message.ts';
import { RtspParser, RtspSyntaxError } from './parser.ts';

type Element = RtspMessage | { readonly kind: 'data'; readonly channel: number; readonly payload: number[] };

/** One table: what is written, what is read, and what the chopping starts from. */
const table: readonly { readonly name: string; readonly text: string; readonly element: RtspMessage }[] = [
  {
    name: 'a request',
    text: 'DESCRIBE rtsp://10.0.0.5/main RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n',
    element: {
      kind: 'request',
      method: 'DESCRIBE',
      uri: 'rtsp://10.0.0.5/main',
      headers: headersOf({ cseq: '2', accept: 'application/sdp' }),
      body: noBody,
    },
  },
  {
    name: 'a response with a body and a header twice',
    text:
      'RTSP/1.0 401 Unauthorized\r\nCSeq: 3\r\nWWW-Authenticate: Digest realm="a"\r\nWWW-Authenticate: Basic realm="a"\r\n' +
      'Content-Length: 5\r\n\r\nv=0\r\n',
    element: {
      kind: 'response',
      status: 401,
      reason: 'Unauthorized',
      headers: headersOf({
        cseq: '3',
        'www-authenticate': ['Digest realm="a"', 'Basic realm="a"'],
        'content-length': '5',
      }),
      body: new TextEncoder().encode('v=0\r\n'),
    },
  },
  {
    name: 'an empty body',
    text: 'RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 12;timeout=60\r\nRTP-Info: url=a;seq=1\r\n\r\n',
    element: {
      kind: 'response',
      status: 200,
      reason: 'OK',
      headers: headersOf({ cseq: '4', session: '12;timeout=60', 'rtp-info': 'url=a;seq=1' }),
      body: noBody,
    },
  },
];

function frame(channel: number, payload: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length);
  writeInterleavedHeader(bytes, 0, channel, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

interface Read {
  readonly elements: Element[];
  stray: number;
  error?: string;
}

function read(portions: Iterable<Uint8Array>): Read {
  const result: Read = { elements: [], stray: 0 };
  const parser = new RtspParser({
    message: (message) => result.elements.push(message),
    data: (channel, bytes, from, to) =>
      result.elements.push({ kind: 'data', channel, payload: [...bytes.subarray(from, to)] }),
    stray: () => result.stray++,
  });
  try {
    for (const portion of portions) parser.push(portion);
  } catch (error) {
    if (!(error instanceof RtspSyntaxError)) throw error;
    result.error = error.message;
  }
  return result;
}

function* chop(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    // A buffer of its own that is overwritten afterwards, as a socket's is.
    const portion = Uint8Array.from(bytes.subarray(from, place));
    yield portion;
    portion.fill(0xff);
    from = place;
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const session = Buffer.concat([
  ...table.map((row) => bytesOf(row.text)),
  frame(0, [1, 2, 3]),
  frame(1, []),
  bytesOf(table[2]?.text ?? ''),
  frame(2, [0x24, 0, 0, 4, 82, 84, 83, 80]),
]);

describe.each(table)('$name', ({ text, element }) => {
  test('is read', () => expect(read([bytesOf(text)])).toEqual({ elements: [element], stray: 0 }));
  test('is written', () => expect(Buffer.from(serializeMessage(element)).toString()).toBe(text));
});

test('a session reads the same wherever it is chopped', () => {
  const whole = read([session]);
  expect(whole.elements).toHaveLength(7);
  expect(whole.stray).toBe(0);
  for (let cut = 0; cut <= session.length; cut++) expect(read(chop(session, [cut]))).toEqual(whole);
  fc.assert(
    fc.property(fc.array(fc.nat()), (cuts) => {
      expect(read(chop(session, cuts))).toEqual(whole);
    }),
  );
});

test('damaged sessions read the same wherever they are chopped, and never throw but for a syntax error', () => {
  const damage = fc.array(fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 12 }) }), { maxLength: 4 });
  fc.assert(
    fc.property(damage, fc.array(fc.nat()), (places, cuts) => {
      let bytes: Buffer = session;
      for (const { at, bytes: inserted } of places) {
        const place = at % bytes.length;
        bytes = Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place)]);
      }
      expect(read(chop(bytes, cuts))).toEqual(read([bytes]));
    }),
    { numRuns: 1000 },
  );
});

test('stray bytes between frames are passed over and counted', () => {
  const bytes = Buffer.concat([frame(0, [1]), bytesOf('\x00\xffOPT '), frame(0, [2])]);
  expect(read([bytes])).toEqual({
    elements: [
      { kind: 'data', channel: 0, payload: [1] },
      { kind: 'data', channel: 0, payload: [2] },
    ],
    stray: 7,
  });
});

test.each([
  ['another protocol', Buffer.alloc(100_000, 'SSH ')],
  ['a head without end', bytesOf(`OPTIONS * RTSP/1.0\r\n${'X: y\r\n'.repeat(4000)}`)],
  ['a body of any size', bytesOf('RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n')],
])('%s is a syntax error', (_, bytes) => {
  expect(read([bytes]).error).toBeDefined();
  expect(read(chop(bytes, [7, 1000, 3000])).error).toBeDefined();
});

test('messages survive writing and reading', () => {
  const token = fc.stringMatching(/^[!-9;-~]{1,20}$/);
  const headers = fc
    .dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[!-~]{1,30}$/))
    .map((entries) => headersOf(entries));
  const message: fc.Arbitrary<RtspMessage> = fc.record({
    kind: fc.constant('request' as const),
    method: fc.stringMatching(/^[A-Z_]{1,13}$/),
    uri: token,
    headers,
    body: fc.constant(noBody),
  });
  fc.assert(
    fc.property(message, (value) => {
      expect(read([serializeMessage(value)])).toEqual({ elements: [value], stray: 0 });
    }),
  );
});
