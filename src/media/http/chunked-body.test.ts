import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkedBody, ChunkSyntaxError } from './chunked-body.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function read(portions: readonly Uint8Array[]): { body: string; ended: boolean } {
  let body = '';
  const chunks = new ChunkedBody((bytes) => {
    body += Buffer.from(bytes).toString('latin1');
  });
  for (const portion of portions) chunks.push(portion);
  return { body, ended: chunks.ended };
}

test.each([
  { name: 'two chunks', text: '3\r\nabc\r\n2\r\nde\r\n', body: 'abcde', ended: false },
  { name: 'the end, with a trailer', text: '1\r\nx\r\n0\r\nserver: y\r\n\r\n', body: 'x', ended: true },
  {
    name: 'sizes in both cases',
    text: 'a\r\n0123456789\r\nB\r\n0123456789A\r\n',
    body: '01234567890123456789A',
    ended: false,
  },
  { name: 'an extension', text: '2;name="v 1"\r\nab\r\n', body: 'ab', ended: false },
  { name: 'blanks behind the size', text: '2 \t\r\nab\r\n', body: 'ab', ended: false },
  { name: 'line ends without a carriage return', text: '2\nab\n1\nc\n', body: 'abc', ended: false },
  { name: 'line ends in the data', text: '4\r\n\r\n\r\n\r\n', body: '\r\n\r\n', ended: false },
])('$name', ({ text, body, ended }) => {
  expect(read([bytesOf(text)])).toEqual({ body, ended });
});

test.each(['x\r\n', '\r\n', ';a\r\n', '2\r\nabc\r\n', '1234567890abc\r\n', `1;${'e'.repeat(5_000)}`])(
  '%j is none',
  (text) => {
    expect(() => read([bytesOf(text)])).toThrow(ChunkSyntaxError);
  },
);

test('chopped anywhere it is the same', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 20 }), (chunks, cuts) => {
      const parts = chunks.flatMap((data) => [bytesOf(`${data.length.toString(16)}\r\n`), data, bytesOf('\r\n')]);
      const all = new Uint8Array(Buffer.concat([...parts, bytesOf('0\r\n\r\n')]));
      const places = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
      const portions = places.slice(1).map((to, i) => all.subarray(places[i], to));
      expect(read(portions)).toEqual({ body: Buffer.concat(chunks).toString('latin1'), ended: true });
    }),
  );
});

test('whatever comes, it throws nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (portions) => {
      try {
        read(portions);
      } catch (error) {
        expect(error).toBeInstanceOf(ChunkSyntaxError);
      }
    }),
  );
});
