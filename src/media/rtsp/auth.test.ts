import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuthorizedRequest, authorization, type HexHash, parseChallenges, strongestChallenge } from './auth.ts';

const hash: HexHash = (algorithm, text) => createHash(algorithm).update(text).digest('hex');

function request(password: string, credentials = { user: 'Mufasa', password }): AuthorizedRequest {
  const clientNonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  return { credentials, method: 'GET', uri: '/dir/index.html', hash, count: 1, clientNonce };
}

function answer(headers: string[], password: string): string | undefined {
  const challenge = strongestChallenge(parseChallenges(headers));
  return challenge === undefined ? undefined : authorization(challenge, request(password));
}

describe('digest, as the standards compute it', () => {
  const rfc7616 = (algorithm: string): string =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

  test.each([
    [
      'RFC 2069 clause 2.4 (its erratum 749)',
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
      'CircleOfLife',
      '1949323746fe6a43ef61f9606e7febea',
    ],
    ['RFC 7616 clause 3.9.1, MD5', rfc7616('MD5'), 'Circle of Life', '8ca523f5e9506fed4657c9700eebdbec'],
    [
      'RFC 7616 clause 3.9.1, SHA-256',
      rfc7616('SHA-256'),
      'Circle of Life',
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    ],
  ])('%s', (_, header, password, response) => {
    expect(answer([header], password)).toContain(`response="${response}"`);
  });
});

test('the strongest challenge is taken, whether in one header or in several', () => {
  const basic = 'Basic realm="x"';
  const md5 = 'Digest realm="x", nonce="a"';
  const sha = 'Digest realm="x", nonce="b", algorithm=SHA-256';
  expect(answer([basic], 'p')).toMatch(/^Basic /);
  expect(answer([basic, md5], 'p')).toContain('nonce="a"');
  expect(answer([`${md5}, ${sha}, ${basic}`], 'p')).toContain('nonce="b"');
  expect(answer(['Negotiate', 'Digest realm="x", nonce="c", algorithm=SHA-512-256'], 'p')).toBeUndefined();
});

test('what the server said comes back as it was, quotes included', () => {
  const text = answer(['Digest realm="a \\"b\\", c", nonce="n", opaque="o", algorithm=MD5'], 'p');
  expect(text).toContain('realm="a \\"b\\", c"');
  expect(text).toContain('opaque="o"');
  expect(text).toContain('algorithm=MD5');
});

test('basic takes any password', () => {
  const text = answer(['Basic realm=x'], 'pä:ß@');
  expect(Buffer.from((text ?? '').slice(6), 'base64').toString()).toBe('Mufasa:pä:ß@');
});

test('no header makes the parser throw', () => {
  fc.assert(fc.property(fc.array(fc.string()), (headers) => Array.isArray(parseChallenges(headers))));
});
