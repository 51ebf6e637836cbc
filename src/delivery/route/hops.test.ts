import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hopsOf, redirectLocation, withHops } from './hops.ts';

test.each([
  ['', 0],
  ['hops=1', 1],
  ['a=b&hops=2&c', 2],
  ['hops=1&hops=3&hops=2', 3],
  ['hops=999999999999999999999', 99],
  ['hops=-1', 0],
  ['hops=two', 0],
  ['xhops=5', 0],
])('%s tells %i', (query, hops) => {
  expect(hopsOf(query)).toBe(hops);
});

test('a redirect keeps everything but the count', () => {
  expect(withHops('token=a%26b&hops=1&x', 2)).toBe('token=a%26b&x&hops=2');
});

test('the count of a URL is the one that was written, whatever was there', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(99), (query, hops) => {
      expect(hopsOf(withHops(query, hops))).toBe(hops);
    }),
  );
});

test('no query ends the header, breaks the URL or leaves its server', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (query) => {
      const location = redirectLocation({ publicUrl: 'http://s02:8080', path: '/cam/mpegts', query, hops: 1 });
      expect(location).toMatch(/^http:\/\/s02:8080\/cam\/mpegts\?[\x21-\x7e]*hops=1$/);
      expect(new URL(location).host).toBe('s02:8080');
    }),
  );
});

test('half a surrogate pair does no harm', () => {
  expect(redirectLocation({ publicUrl: 'http://s', path: '/c/mpegts', query: 'a=\ud800\r\nX: 1', hops: 1 })).toBe(
    'http://s/c/mpegts?a=%ef%bf%bd%0d%0aX:%201&hops=1',
  );
});
