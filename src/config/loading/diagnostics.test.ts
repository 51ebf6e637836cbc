import { describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../syntax/render-diagnostic.ts';
import { parseConfig } from './load.ts';

/** All diagnostics of a text as they are printed, without the lines of the excerpt. */
function said(text: string): string[] {
  return parseConfig(text, 'f').diagnostics.map((diagnostic) =>
    renderDiagnostic({ ...diagnostic, excerpt: undefined }),
  );
}

const group = 'cluster_key MYSECRET; peer s01; peer s02; peer s03;\n';
const withStream = (line: string): string => `stream cam { url rtsp://h/x; cluster_ingest; ${line} }`;

describe('structure', () => {
  test.each([
    [
      'a stream inside a stream that was not closed',
      'stream cam01 {\n  url rtsp://h/1;\n\nstream cam02 {\n  url rtsp://h/2;\n}\n',
      [
        'f:4:1: error: `stream` inside `stream cam01`, which began on line 1 and is still open\nhint: close `stream cam01` with `}` before this line',
      ],
    ],
    [
      'one that is indented, and closed after all: one mistake, one message',
      'stream a {\n  url rtsp://h/1;\n  stream b {\n    url rtsp://h/2;\n  }\n}\n',
      [
        'f:3:3: error: `stream` inside `stream a`, which began on line 1 and is still open\nhint: close `stream a` with `}` before this line',
      ],
    ],
    [
      'a setting of the group after a stream that was not closed',
      'stream a {\n  url rtsp://h/1;\nfailback_delay 3;\nstream b { url rtsp://h/2; }',
      [
        'f:3:1: error: `failback_delay` inside `stream a`, which began on line 1 and is still open\nhint: close `stream a` with `}` before this line',
      ],
    ],
    [
      'a template after a stream that was not closed',
      'stream a {\n  url rtsp://h/1;\ntemplate t {\n  source_timeout 3;\n}\n',
      [
        'f:3:1: error: `template` inside `stream a`, which began on line 1 and is still open\nhint: close `stream a` with `}` before this line',
      ],
    ],
    [
      'the last block',
      'stream a {\n  url rtsp://h/1;\n',
      ['f:1:1: error: the block of `stream a` is not closed\nhint: put `}` behind its last line'],
    ],
    [
      'a missing semicolon before the next line',
      'http 8080\nfailback_delay 3;',
      ['f:1:6: error: `;` is missing at the end of `http`\nhint: put `;` before line 2'],
    ],
    [
      'a missing semicolon before the end of a block',
      'stream a { url rtsp://h/x }',
      ['f:1:16: error: `;` is missing at the end of `url`\nhint: put `;` before the `}`'],
    ],
    [
      'a missing semicolon at the end',
      'http 8080',
      ['f:1:6: error: `;` is missing at the end of `http`\nhint: put `;` at the end of the file'],
    ],
    [
      'a closing brace too many',
      'http 8080;\n}',
      ['f:2:1: error: `}` closes nothing\nhint: remove it; or is a `{` missing before?'],
    ],
    [
      'a block without a name',
      '{ url x; }',
      ['f:1:1: error: a block without a name\nhint: write its directive before `{`'],
    ],
    [
      'a block that is not taken',
      'http 8080 { }',
      ['f:1:1: error: `http` takes no block\nhint: for example: http 8080;'],
    ],
    [
      'a block that is missing',
      'stream a;',
      [
        'f:1:1: error: `stream` needs a block\nhint: for example: stream cam01 { url rtsp://10.0.0.5/main; cluster_ingest; }',
      ],
    ],
    [
      'a quote that is not closed',
      'state_dir "/a b;\nhttp 8080;',
      ['f:1:11: error: a quote is not closed on its line\nhint: close it with `"`; write \\" for a quote inside'],
    ],
    ['empty statements are nothing', 'http 8080;; stream a { url rtsp://h/x;; };', []],
  ])('%s', (_, text, messages) => {
    expect(said(text)).toEqual(messages);
  });
});

const withoutColon = 'a directive is its name, a blank, its value and `;`: without `:` or `=`';

describe('names', () => {
  test.each([
    ['htpp 8080;', 'f:1:1: error: unknown directive `htpp`\nhint: did you mean `http`?'],
    ['flurb: 1;', `f:1:1: error: this is no directive\nhint: ${withoutColon}`],
    ['flurb = 1;', `f:1:1: error: unknown directive \`flurb\`\nhint: ${withoutColon}`],
    [
      'http = 8080;',
      'f:1:6: error: `=` is no host\nhint: write a host name or an IP address, an IPv6 address in brackets, and `:PORT` if need be',
      'f:1:8: error: too many arguments: `http` takes [HOST:]PORT\nhint: write it without `=`',
    ],
    [
      withStream('capture_at s01;'),
      'f:1:46: error: unknown directive `capture_at`\nhint: it is an option: cluster_ingest capture_at=NAME',
    ],
    [
      'stream a { url rtsp://h/x; cluster_ingest source_timeout=5; }',
      'f:1:43: error: `cluster_ingest` has no option `source_timeout=`\nhint: it is a directive of its own: source_timeout 10;',
    ],
    ['flurb 1;', 'f:1:1: error: unknown directive `flurb`\nhint: `headwater help` lists all directives'],
    [
      'fetch_timeout 3;',
      'f:1:1: error: `fetch_timeout` may not stand outside all blocks\nhint: it stands in a `peer` block',
    ],
    [
      withStream('weight 3;'),
      'f:1:46: error: `weight` may not stand in `stream cam`, which began on line 1\nhint: it stands in a `peer` block',
    ],
    ['http 1;\nhttp 2;', 'f:2:1: error: `http` is given twice\nhint: it stands on line 1 already'],
    [
      `${withStream('')}\n${withStream('')}`,
      'f:2:8: error: stream `cam` is given twice\nhint: it stands on line 1 already',
    ],
    ['template a { }\ntemplate a { }', 'f:2:10: error: template `a` is given twice\nhint: it stands on line 1 already'],
    [
      'template cams { }\nstream a { template camz; }',
      'f:2:21: error: there is no template `camz`\nhint: did you mean `cams`?',
    ],
    ['stream a { }', 'f:1:8: error: stream `a` has no source\nhint: add a line such as url rtsp://10.0.0.5/main;'],
    [
      withStream('constructor 1;'),
      'f:1:46: error: unknown directive `constructor`\nhint: `headwater help` lists all directives',
    ],
    [
      'stream a { url rtsp://h/x; cluster_ingest toString=1; }',
      'f:1:43: error: `cluster_ingest` has no option `toString=`\nhint: it knows capture_at=, handover=',
    ],
    [
      'stream a { url rtsp://10.0.0.5:554/x; clster_ingest; flurb; }',
      'f:1:39: error: unknown directive `clster_ingest`\nhint: did you mean `cluster_ingest`?',
      'f:1:54: error: unknown directive `flurb`\nhint: `headwater help` lists all directives',
    ],
  ])('%s', (text, ...messages) => {
    expect(said(text)).toEqual(messages);
  });

  test.each(['a', 'A-1_b.c', 'site/gate/cam.01', 'x'.repeat(200)])('stream %s is a name', (name) => {
    expect(parseConfig(`stream ${name} { url rtsp://h/x; }`, 'f').config?.streams[0]?.name).toBe(name);
  });

  test.each([
    '..',
    '../x',
    'a/../b',
    '.hidden',
    'a/.b',
    '/a',
    'a/',
    'a//b',
    '"a b"',
    'a%2f',
    'é',
    'a\\b',
    'x'.repeat(201),
    'api',
    'API/x',
    'peer/1',
    'metrics',
    'healthz',
    'readyz',
    'cam/mpegts',
    'mpegts',
    'a/index.m3u8',
    'a.ts',
    '""',
  ])('stream %s is none', (name) => {
    const { config, diagnostics } = parseConfig(`stream ${name} { url rtsp://h/x; }`, 'f');
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: 'error', line: 1, column: 8, length: name.length }]);
  });
});

describe('values', () => {
  test.each([
    ['failback_delay -3;', 16, '`-3` is no duration'],
    ['failback_delay NaN;', 16, '`NaN` is no duration'],
    ['failback_delay 1e3;', 16, '`1e3` is no duration'],
    ['failback_delay Infinity;', 16, '`Infinity` is no duration'],
    [`failback_delay ${'9'.repeat(400)};`, 16, `\`${'9'.repeat(80)}…\` is out of range`],
    ['failback_delay 2h;', 16, '`2h` is out of range'],
    ['handovers 0;', 11, '`0` is out of range'],
    ['handovers 1.5;', 11, '`1.5` is no whole number'],
    ['handovers 0x10;', 11, '`0x10` is no whole number'],
    [`handovers ${'9'.repeat(20)};`, 11, `\`${'9'.repeat(20)}\` is out of range`],
    ['http 0;', 6, '`0` is no port'],
    ['http 65536;', 6, '`65536` is no port'],
    ['http 10.0.0.1;', 6, '`10.0.0.1` names no port'],
    ['http 10.0.0.256:80;', 6, '`10.0.0.256:80` is no host'],
    ['http [::1:80;', 6, '`[::1:80` is no host'],
    ['partition majoriti;', 11, '`majoriti` is neither capture nor majority'],
    ['state_dir ~/x;', 11, '`~/x` begins with ~, which only shells understand'],
    [`state_dir /x/\${nam};`, 11, `\`/x/\${nam}\` has an unknown placeholder`],
    ['http;', 1, '`http` needs [HOST:]PORT'],
    ['http 1 2;', 8, 'too many arguments: `http` takes [HOST:]PORT'],
    ['edit_auth admin;', 1, '`edit_auth` needs PASSWORD'],
    ['edit_auth a:b c;', 11, 'this has a colon, which a user name may not'],
    [withStream('segment_duration 100ms;'), 63, '`100ms` is out of range'],
    [withStream('url foo;'), 50, '`foo` is no URL'],
    [withStream('url ...;'), 50, '`...` stands for a URL that is still to be filled in'],
    [withStream('url ftp://h/x;'), 50, '`ftp://h/x` has a scheme that is not known'],
    [withStream('url rtmp://h/x;'), 50, "`rtmp://h/x` can't be read yet: this version has no rtmp://"],
    [
      withStream('url http://h/a.m3u8?b=c;'),
      50,
      "`http://h/a.m3u8?***` can't be read yet: this version has no HLS or DASH input",
    ],
    [withStream('url rtsp:///x;'), 50, '`rtsp:///x` names no host'],
    [withStream('url rtsp://h:99999/x;'), 50, '`rtsp://h:99999/x` has no valid port'],
    [withStream('url rtsp://u:12/34@h/x;'), 50, '`rtsp://***` has an @ behind its first /'],
    [withStream('url file://x.ts;'), 50, '`file://x.ts` names a host'],
    [withStream('url file:///a/;'), 50, '`file:///a/` names no file'],
    [withStream('url "rtsp://h/a b";'), 50, '`rtsp://h/a b` has a blank or control character'],
    [withStream(`url rtsp://h/\${name};`), 50, `\`rtsp://h/\${name}\` has a placeholder`],
    [withStream('url rtsp://h/x;'.repeat(16)), 271, 'a stream has 16 sources at most'],
  ])('%s', (text, column, message) => {
    const { config, diagnostics } = parseConfig(text, 'f');
    expect(config).toBeUndefined();
    expect(diagnostics.map(({ column, message }) => ({ column, message }))).toEqual([{ column, message }]);
  });

  test.each([
    'rtsp://10.0.0.5/main',
    'rtsp://admin:p%40ss@cam.lan:554/Streaming/Channels/101?transportmode=unicast',
    'RTSP://h/x',
    'http://h/live.ts',
    'https://h:8443/a/mpegts?token=x&y=z',
    'http://[2001:db8::1]/x',
    'file:///srv/clip.ts',
    'rtsp://h/cam/realmonitor?channel=1&subtype=0',
    'rtsp://h',
    'http://h/a#b',
  ])('%s is a source', (url) => {
    const { config, diagnostics } = parseConfig(`stream a { input ${url}; }`, 'f');
    expect(diagnostics).toEqual([]);
    expect(config?.streams[0]?.sources[0]?.url).toBe(url);
  });

  test.each([
    ['http 8080;', { host: undefined, port: 8080 }],
    ['http 10.0.0.1:80;', { host: '10.0.0.1', port: 80 }],
    ['http [::]:8080;', { host: '[::]', port: 8080 }],
    ['http my_host-1.lan:1;', { host: 'my_host-1.lan', port: 1 }],
  ])('%s', (text, http) => {
    expect(parseConfig(text, 'f').config?.http).toEqual(http);
  });
});

describe('options', () => {
  test.each([
    ['cluster_ingest capture_at=s0l;', ['f:2:38: error: capture_at names no peer: `s0l`\nhint: did you mean `s01`?']],
    [
      'cluster_ingest capture_at=elsewhere;',
      ['f:2:38: error: capture_at names no peer: `elsewhere`\nhint: the peers are s01, s02, s03'],
    ],
    [
      'cluster_ingest capture_at=;',
      [
        'f:2:27: error: the value is no host\nhint: write a host name or an IP address, an IPv6 address in brackets, and `:PORT` if need be',
      ],
    ],
    [
      'cluster_ingest handover=brk;',
      ['f:2:36: error: `brk` is neither seamless nor break\nhint: write seamless or break'],
    ],
    ['cluster_ingest handover=break handover=break;', ['f:2:42: error: `handover=` is given twice']],
    [
      'cluster_ingest handovr=break;',
      ['f:2:27: error: `cluster_ingest` has no option `handovr=`\nhint: did you mean `handover=`?'],
    ],
    [
      'cluster_ingest capture_at = s01;',
      [
        'f:2:27: error: too many arguments: `cluster_ingest` takes no argument\nhint: write capture_at=VALUE, without blanks',
      ],
    ],
    [
      'cluster_ingest capture_at=s0l handover=brk;',
      [
        'f:2:38: error: capture_at names no peer: `s0l`\nhint: did you mean `s01`?',
        'f:2:51: error: `brk` is neither seamless nor break\nhint: write seamless or break',
      ],
    ],
  ])('%s', (line, messages) => {
    expect(said(`${group}stream a { ${line}\nurl rtsp://h/x; }`)).toEqual(messages);
  });

  test('what a later version does is a warning, in arguments too', () => {
    const { config, diagnostics } = parseConfig(
      withStream('url rtsp://h/y priority=2; serve relay; emergency { transcoder off; }'),
      'f',
    );
    expect(config?.streams[0]?.sources).toHaveLength(2);
    expect(diagnostics.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'this version does not do `priority=` yet: it has no effect'],
      ['warning', 'this version does not do `serve` yet: the line has no effect'],
      ['warning', 'this version does not do `emergency` yet: the line has no effect'],
    ]);
  });
});

describe('templates', () => {
  const settings = (text: string) => parseConfig(text, 'f').config?.streams.map(({ name: _, ...rest }) => rest);

  test('give what the stream does not say itself, wherever they stand', () => {
    expect(
      settings(`
        stream own { template t; url rtsp://own/; source_timeout 3; cluster_ingest; }
        stream all { template t; }
        template t { url rtsp://t/1; url rtsp://t/2; cluster_ingest handover=break; source_timeout 4; segment_duration 5; }
      `),
    ).toEqual([
      {
        sources: [{ url: 'rtsp://own/', protocol: 'rtsp' }],
        clusterIngest: { captureAt: undefined, handover: 'seamless' },
        sourceTimeout: 3000,
        segmentDuration: 5000,
      },
      {
        sources: [
          { url: 'rtsp://t/1', protocol: 'rtsp' },
          { url: 'rtsp://t/2', protocol: 'rtsp' },
        ],
        clusterIngest: { captureAt: undefined, handover: 'break' },
        sourceTimeout: 4000,
        segmentDuration: 5000,
      },
    ]);
  });

  test('are checked once, even when unused', () => {
    expect(said(`${group}template t { cluster_ingest capture_at=nobody; source_timeout x; }`)).toHaveLength(2);
  });
});

describe('rendering', () => {
  test('underlines the text, keeps tabs, leaves comments out', () => {
    const [diagnostic] = parseConfig('\thttp 80800; # as ever', 'etc/a.conf').diagnostics;
    expect(diagnostic && renderDiagnostic(diagnostic)).toBe(
      'etc/a.conf:1:7: error: `80800` is no port\n  \thttp 80800;\n  \t     ^~~~~\nhint: a port is a number from 1 to 65535',
    );
  });

  test('shows the surroundings only of a line that is a whole file', () => {
    const templates = Array.from({ length: 500 }, (_, index) => `template c${index} { source_timeout 3; }`).join(' ');
    const [diagnostic] = parseConfig(`${templates} htpp 1; ${templates.replaceAll(' c', ' d')}`, 'f').diagnostics;
    const lines = (diagnostic ? renderDiagnostic(diagnostic) : '').split('\n');
    expect(lines[1]?.length).toBeLessThan(300);
    expect(lines[1]?.slice(lines[2]?.indexOf('^'))).toMatch(/^htpp …;/);
    expect(lines[2]?.trim()).toBe('^~~~');
  });

  test('gives a terminal nothing but text', () => {
    const [diagnostic] = parseConfig('http \u001b[31m\u202e;', 'f').diagnostics;
    expect(diagnostic && renderDiagnostic(diagnostic)).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  });
});
