import { describe, expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';

function said(text: string): string[] {
  return parseConfig(text, 'f').diagnostics.map(
    ({ severity, line, column, message }) => `${line}:${column} ${severity}: ${message}`,
  );
}

const key = 'cluster_key MYSECRET;\n';

describe('peers', () => {
  test.each([
    ['no key', 'peer s01;\npeer s02;', ['1:6 error: there are peers, but no `cluster_key`']],
    ['a wrong key line is no missing one', 'cluster_key;\npeer s01;', ['1:1 error: `cluster_key` needs SECRET']],
    ['one name twice', `${key}peer s01;\npeer s01;`, ['3:6 error: peer `s01` is given twice']],
    ['in other letters', `${key}peer s01;\npeer S01;`, ['3:6 error: peer `S01` is given twice']],
    [
      'both with settings',
      `${key}peer s01 { weight 1; }\npeer s01 { weight 2; }`,
      ['3:6 error: peer `s01` is given twice'],
    ],
    [
      'one name bare and with settings',
      `${key}peer s01;\npeer s02;\npeer s01 { weight 2; }`,
      ['2:6 warning: peer `s01` stands on line 4, too: its settings there count'],
    ],
    [
      'one address under two names',
      `${key}peer s01 { address 10.0.0.1; }\npeer 10.0.0.1:8080;`,
      ['3:6 error: peer `10.0.0.1:8080` has the address of `s01`: 10.0.0.1:8080'],
    ],
    ['one machine, two ports', `${key}peer 127.0.0.1:8081;\npeer 127.0.0.1:8082;`, []],
    [
      'a loopback address among others',
      `${key}peer s01 { address localhost:8081; }\npeer s02;`,
      ['2:6 warning: peer `s01` is at localhost, which is every machine itself: from other machines nobody reaches it'],
    ],
    [
      'one machine, two ports, but one listening port for all',
      `${key}http 8081;\npeer 127.0.0.1:8081;\npeer 127.0.0.1:8082;`,
      ['2:6 warning: every server listens on port 8081, but peers expect `127.0.0.1:8082` at 127.0.0.1:8082'],
    ],
    ['machines behind other ports', `${key}http 8080;\npeer a:81;\npeer b:82;`, []],
    [
      'one machine, one folder',
      `${key}state_dir /s;\npeer 127.0.0.1:8081;\npeer 127.0.0.1:8082;`,
      ['2:11 error: servers on 127.0.0.1 would share one state_dir'],
    ],
    ['one machine, a folder each', `${key}state_dir /s/\${name};\npeer 127.0.0.1:8081;\npeer 127.0.0.1:8082;`, []],
    ['names that become one folder', `${key}peer a:1;\npeer a_1;`, ['3:6 error: peer `a_1` is given twice']],
    [
      'a proxy and no password',
      `${key}peer a;\npeer b { public_url http://b.example; }\npeer c { public_url http://c.example; }`,
      [
        '3:21 warning: there is no `edit_auth`: if this is the address of a proxy on the server, all who reach it may drain and reload',
      ],
    ],
    ['a proxy and a password', `${key}peer b { public_url http://b.example; }\nedit_auth a b;`, []],
    [
      'a proxy and a wrong password line',
      `${key}peer b { public_url http://b.example; }\nedit_auth a;`,
      ['3:1 error: `edit_auth` needs PASSWORD'],
    ],
    [
      'more than twenty',
      key + Array.from({ length: 21 }, (_, index) => `peer s${index};\n`).join(''),
      ['22:6 warning: a group is made for 20 servers at most: this one has 21'],
    ],
  ])('%s', (_, text, messages) => {
    expect(said(text)).toEqual(messages);
  });

  test('the settings of a repeated peer count, in its first place', () => {
    const { config } = parseConfig(`${key}peer s01;\npeer s02;\npeer s01 { weight 2; }`, 'f');
    expect(config?.peers.map(({ name, weight }) => [name, weight])).toEqual([
      ['s01', 2],
      ['s02', 1],
    ]);
  });

  test.each([
    ['peer a;', { host: 'a', port: 8080, publicUrl: 'http://a:8080' }],
    ['http 9000; peer a;', { host: 'a', port: 9000, publicUrl: 'http://a:9000' }],
    ['http 9000; peer a:81;', { host: 'a', port: 81, publicUrl: 'http://a:81' }],
    ['peer a { address 10.0.0.1:82; }', { name: 'a', host: '10.0.0.1', port: 82, publicUrl: 'http://10.0.0.1:82' }],
    ['peer a:81 { address 10.0.0.1; }', { name: 'a:81', host: '10.0.0.1', port: 81 }],
    ['peer [::1]:81;', { name: '[::1]:81', host: '[::1]', port: 81, publicUrl: 'http://[::1]:81' }],
    ['peer a { public_url https://tv.example.com/live/; }', { publicUrl: 'https://tv.example.com/live' }],
    ['peer a { weight 0.5; }', { weight: 0.5 }],
  ])('%s', (text, peer) => {
    expect(parseConfig(key + text, 'f').config?.peers[0]).toMatchObject(peer);
  });

  test.each(['ftp://x', 'http://u:p@x', 'http://x?a', 'http://x#a', 'x', 'http://', '"http://a b"'])(
    'public_url %s is refused',
    (url) => {
      const { config, diagnostics } = parseConfig(`${key}peer a { public_url ${url}; }`, 'f');
      expect(config).toBeUndefined();
      expect(diagnostics).toMatchObject([{ line: 2, column: 21 }]);
    },
  );
});

describe('timeouts', () => {
  test.each([
    ['', []],
    ['fetch_timeout 3; stale_timeout 10;', []],
    ['fetch_timeout 3; stale_timeout 9;', []],
    [
      'fetch_timeout 3; stale_timeout 8;',
      [
        '2:41 warning: fewer than 3 fetches (3s each) fit into stale_timeout (8s): one lost exchange may look like death',
      ],
    ],
    [
      'fetch_timeout 5;',
      [
        '2:24 warning: fewer than 3 fetches (5s each) fit into stale_timeout (10s): one lost exchange may look like death',
      ],
    ],
    [
      'fetch_timeout 1; stale_timeout 3;',
      [
        "2:41 warning: stale_timeout 3s is so small that a loaded server will look dead: loss can't be told from long delay",
      ],
    ],
  ])('%s', (settings, messages) => {
    expect(said(`${key}peer a { ${settings} }`)).toEqual(messages);
  });
});

describe('partition', () => {
  test.each([
    [1, []],
    [
      2,
      ['1:11 error: `partition majority` with two servers: neither is a majority, so the death of one would stop both'],
    ],
    [3, []],
  ])('majority with %d servers', (count, messages) => {
    const peers = Array.from({ length: count }, (_, index) => `peer s${index};`).join(' ');
    expect(said(`partition majority; ${key} ${peers}`)).toEqual(messages);
  });
});

describe('cluster_ingest', () => {
  const unshared = (name: string, column: number) =>
    `3:${column} warning: stream \`${name}\` has no \`cluster_ingest\`: every server captures it for itself`;

  test.each([
    ['stream a { url rtsp://h/x; }', [unshared('a', 8)]],
    ['stream a { url rtsp://h/x; cluster_ingest; }', []],
    ['template t { cluster_ingest; } stream a { url rtsp://h/x; template t; }', []],
    ['template t { } stream a { url rtsp://h/x; template t; }', [unshared('a', 23)]],
  ])('%s', (line, messages) => {
    expect(said(`${key}peer s01; peer s02;\n${line}`)).toEqual(messages);
  });

  test('a server alone may leave it out, and a home that is no peer is only a warning there', () => {
    expect(said('stream a { url rtsp://h/x; }')).toEqual([]);
    const { config, diagnostics } = parseConfig('stream a { url rtsp://h/x; cluster_ingest capture_at=s01; }', 'f');
    expect(diagnostics).toMatchObject([{ severity: 'warning', column: 54, length: 3 }]);
    expect(config?.streams[0]?.clusterIngest).toEqual({ captureAt: undefined, handover: 'seamless' });
  });
});
