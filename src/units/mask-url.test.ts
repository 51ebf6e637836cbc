import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskUrl } from './mask-url.ts';

test.each([
  ['rtsp://10.0.0.5/main', 'rtsp://10.0.0.5/main'],
  ['rtsp://u:p@10.0.0.5/main', 'rtsp://***@10.0.0.5/main'],
  ['rtsp://u:p@ss@10.0.0.5/main', 'rtsp://***@10.0.0.5/main'],
  ['rtsp://u:p/ss@h/main', 'rtsp://***@h/main'],
  ['rtsp://u:p?ss@h/main', 'rtsp://***@h/main'],
  ['http://h/live?user=a&password=b', 'http://h/live?user=***&password=***'],
  ['http://h/live?x=a@b', 'http://***@b'],
  ['u:p@h', '***@h'],
  ['', ''],
])('%s', (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

test('a password never shows, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), (password) => {
      fc.pre(!'rtsp://***@host.example/main'.includes(password));
      expect(maskUrl(`rtsp://user:${password}@host.example/main`)).not.toContain(password);
    }),
  );
});
