import { describe, expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';
import type { Config } from '../model/config.ts';
import { findSelf, listenAddress, type SelfFacts } from './self.ts';

function configOf(text: string): Config {
  const { config } = parseConfig(`cluster_key k; ${text}`, 'f');
  if (config === undefined) throw new Error('the text of the test is wrong');
  return config;
}

const stranger: SelfFacts = {
  name: undefined,
  environmentName: undefined,
  hostname: 'elsewhere',
  localAddresses: ['192.0.2.7'],
};
const group = configOf('peer s01.lan; peer s02.lan; peer s03.lan { address 10.0.0.3; }');

describe('findSelf', () => {
  test.each([
    ['--name', { name: 's02.lan', environmentName: 's01.lan', hostname: 's03.lan' }, 's02.lan', 'name'],
    ['HEADWATER_NAME', { environmentName: 's01.lan', hostname: 's03.lan' }, 's01.lan', 'environment'],
    ['HEADWATER_NAME with blanks around', { environmentName: ' s01.lan\n' }, 's01.lan', 'environment'],
    ['an empty HEADWATER_NAME is none', { environmentName: '', hostname: 's03.lan' }, 's03.lan', 'hostname'],
    ['the host name', { hostname: 's01.lan', localAddresses: ['10.0.0.3'] }, 's01.lan', 'hostname'],
    ['the host name in other letters', { hostname: 'S01.LAN' }, 's01.lan', 'hostname'],
    ['the host name without its domain', { hostname: 's01' }, 's01.lan', 'hostname'],
    ['a local address', { localAddresses: ['10.0.0.3', '192.0.2.7'] }, 's03.lan', 'address'],
    [
      'a name that resolves to a local address',
      { resolved: new Map([['s02.lan', ['192.0.2.7']]]) },
      's02.lan',
      'address',
    ],
  ])('by %s', (_, facts, name, by) => {
    expect(findSelf(group, { ...stranger, ...facts })).toMatchObject({ found: true, peer: { name }, by });
  });

  test.each([
    [
      'a name that is no peer',
      { name: 's04.lan', hostname: 's01.lan' },
      'no peer has the name s04.lan (from --name)',
      /did you mean s01\.lan/,
    ],
    [
      'an environment that is no peer',
      { environmentName: 'other' },
      'no peer has the name other (from HEADWATER_NAME)',
      /the peers are s01\.lan, s02\.lan, s03\.lan/,
    ],
    [
      'nothing that fits',
      {},
      'this server is none of the peers: neither the host name elsewhere nor the addresses 192.0.2.7 belong to s01.lan, s02.lan, s03.lan',
      /--name NAME or HEADWATER_NAME/,
    ],
  ])('fails on %s', (_, facts, message, hint) => {
    const self = findSelf(group, { ...stranger, ...facts });
    expect(self).toMatchObject({ found: false, message, hint: expect.stringMatching(hint) });
  });

  test('several servers on one machine need a name', () => {
    const local = configOf('peer 127.0.0.1:8081; peer localhost:8082; peer [::1]:8083;');
    expect(findSelf(local, stranger)).toMatchObject({
      found: false,
      message: 'several peers are on this machine: 127.0.0.1:8081, localhost:8082, [::1]:8083',
    });
    expect(findSelf(local, { ...stranger, name: 'localhost:8082' })).toMatchObject({ found: true, by: 'name' });
  });

  test('a short host name that fits two peers is not enough', () => {
    const two = configOf('peer s01.east; peer s01.west;');
    expect(findSelf(two, { ...stranger, hostname: 's01' })).toMatchObject({ found: false });
    expect(findSelf(two, { ...stranger, hostname: 's01.west' })).toMatchObject({ peer: { name: 's01.west' } });
  });

  test('another domain is another server', () => {
    expect(findSelf(group, { ...stranger, hostname: 's01.wan' })).toMatchObject({ found: false });
  });

  test('a server alone takes its name where it finds one', () => {
    const alone = configOf('http 9000;');
    expect(findSelf(alone, stranger)).toMatchObject({
      peer: { name: 'elsewhere', host: 'elsewhere', port: 9000, publicUrl: 'http://elsewhere:9000' },
      by: 'nothing',
    });
    expect(findSelf(alone, { ...stranger, name: 'cam-box' })).toMatchObject({ peer: { name: 'cam-box' } });
    expect(findSelf(alone, { ...stranger, hostname: '' })).toMatchObject({ peer: { name: 'localhost' } });
  });
});

describe('listenAddress', () => {
  test.each([
    ['peer a:81;', { host: undefined, port: 81 }],
    ['peer a;', { host: undefined, port: 8080 }],
    ['http 9000; peer a:81;', { host: undefined, port: 9000 }],
    ['http 10.0.0.1:9000; peer a;', { host: '10.0.0.1', port: 9000 }],
    ['peer 127.0.0.1:81;', { host: '127.0.0.1', port: 81 }],
    ['peer localhost:81;', { host: 'localhost', port: 81 }],
    ['peer [::1]:81;', { host: '[::1]', port: 81 }],
    ['peer a { address 127.0.0.2:81; }', { host: '127.0.0.2', port: 81 }],
    ['http 81; peer 127.0.0.1:81;', { host: undefined, port: 81 }],
  ])('%s', (text, listen) => {
    const config = configOf(text);
    const [peer] = config.peers;
    expect(peer && listenAddress(config, peer)).toEqual(listen);
  });

  test('a server alone is open, whatever its host is called', () => {
    const config = configOf('');
    const self = findSelf(config, { ...stranger, hostname: '' });
    expect(self.found && listenAddress(config, self.peer)).toEqual({ host: undefined, port: 8080 });
  });
});
