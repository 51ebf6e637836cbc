import { describe, expect, test } from 'vitest';
import { assertMayEdit, type EditRequest } from './edit-guard.ts';

const local: EditRequest = {
  remoteAddress: '127.0.0.1',
  host: '127.0.0.1:8080',
  origin: undefined,
  fetchSite: undefined,
  authorization: undefined,
  forwarded: false,
};
const editAuth = { user: 'admin', password: 'pa:ss' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

function judge(request: Partial<EditRequest>, auth: typeof editAuth | undefined): string {
  try {
    assertMayEdit({ ...local, ...request }, { editAuth: auth, equalSecrets: (a, b) => a === b });
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'fault';
  }
}

describe('without edit_auth', () => {
  test.each<[string, Partial<EditRequest>, string]>([
    ['from loopback', {}, 'allowed'],
    ['from loopback by name', { host: 'LocalHost:8080' }, 'allowed'],
    ['over IPv6', { remoteAddress: '::1', host: '[::1]:8080' }, 'allowed'],
    ['IPv4 on a dual socket', { remoteAddress: '::ffff:127.0.0.1' }, 'allowed'],
    ['from its own page', { origin: 'http://127.0.0.1:8080', fetchSite: 'same-origin' }, 'allowed'],
    ['from another machine', { remoteAddress: '10.0.0.9' }, 'edit-from-loopback-only'],
    [
      'from another machine that lies about the host',
      { remoteAddress: '10.0.0.9', host: 'localhost' },
      'edit-from-loopback-only',
    ],
    [
      'by a name that was bent to loopback',
      { host: 'evil.example:8080', origin: 'http://evil.example:8080' },
      'edit-from-loopback-only',
    ],
    ['by a name that only begins like loopback', { host: '127.0.0.1.evil.example' }, 'edit-from-loopback-only'],
    ['without a host', { host: undefined }, 'edit-from-loopback-only'],
    ['through a proxy on this machine', { forwarded: true }, 'edit-from-loopback-only'],
    ["from another site's page", { origin: 'http://evil.example' }, 'cross-origin'],
    ['from a page without an origin', { origin: 'null' }, 'cross-origin'],
    ['from a page on another local port', { origin: 'http://127.0.0.1:3000', fetchSite: 'same-site' }, 'cross-origin'],
    ["by a link on another site's page", { fetchSite: 'cross-site' }, 'cross-origin'],
  ])('%s', (_case, request, verdict) => {
    expect(judge(request, undefined)).toBe(verdict);
  });
});

describe('with edit_auth', () => {
  test.each<[string, Partial<EditRequest>, string]>([
    [
      'the right password from anywhere',
      { remoteAddress: '10.0.0.9', host: 's01', authorization: basic('admin:pa:ss') },
      'allowed',
    ],
    ['the scheme in other letters', { authorization: basic('admin:pa:ss').replace('Basic', 'bASIC') }, 'allowed'],
    ['none, from loopback', {}, 'edit-auth-required'],
    ['a wrong one', { authorization: basic('admin:pass') }, 'edit-auth-required'],
    ['only the user', { authorization: basic('admin') }, 'edit-auth-required'],
    ['another scheme', { authorization: 'Bearer admin:pa:ss' }, 'edit-auth-required'],
    [
      'the right one, sent along by a browser for another site',
      { authorization: basic('admin:pa:ss'), origin: 'https://evil.example' },
      'cross-origin',
    ],
  ])('%s', (_case, request, verdict) => {
    expect(judge(request, editAuth)).toBe(verdict);
  });
});
