import { describe, expect, test } from 'vitest';
import { type ConfigFiles, loadConfig, parseConfig } from './load.ts';

/** A disk of the given files, by path. */
function disk(files: Readonly<Record<string, string>>): ConfigFiles {
  return {
    async readText(path) {
      const text = files[path];
      return text === undefined ? { kind: 'unreadable', reason: 'there is no such file' } : { kind: 'text', text };
    },
    async listFolder(path) {
      const prefix = path === '.' ? '' : `${path.replace(/\/$/, '')}/`;
      const below = Object.keys(files).filter((file) => file.startsWith(prefix));
      return [...new Set(below.map((file) => file.slice(prefix.length).split('/')[0] ?? ''))];
    },
  };
}

const twoServers = `
cluster_key MYSECRET;
http 8080;
peer s01.myhosting.com { fetch_timeout 2; stale_timeout 10; }
peer s02.myhosting.com;
stream cam01 { url rtsp://10.0.0.5/main; cluster_ingest; }
stream cam02 { url rtsp://10.0.0.6/main; url rtsp://10.0.0.6/sub; cluster_ingest capture_at=s01.myhosting.com; dvr /storage 7d 500G; }
`;

test('a file that is to be played and is not there is told, and no error', async () => {
  const text = 'stream a { url file:///v/there%20is.ts; }\nstream b { url file:///v/none.ts; }';
  const { config, diagnostics } = await loadConfig('main.conf', disk({ 'main.conf': text, '/v/there is.ts': '' }));
  expect(config?.streams).toHaveLength(2);
  expect(diagnostics).toMatchObject([
    { severity: 'warning', line: 2, column: 16, message: 'there is no file /v/none.ts on this machine' },
  ]);
});

describe('parseConfig', () => {
  test('reads a file with a bit of everything', () => {
    const { config, diagnostics } = parseConfig(twoServers, 'two.conf');
    expect(diagnostics.map(({ severity, line, message }) => ({ severity, line, message }))).toEqual([]);
    expect(config).toEqual({
      clusterKey: 'MYSECRET',
      http: { host: undefined, port: 8080 },
      peers: [
        {
          name: 's01.myhosting.com',
          host: 's01.myhosting.com',
          port: 8080,
          publicUrl: 'http://s01.myhosting.com:8080',
          fetchTimeout: 2000,
          staleTimeout: 10_000,
          weight: 1,
        },
        {
          name: 's02.myhosting.com',
          host: 's02.myhosting.com',
          port: 8080,
          publicUrl: 'http://s02.myhosting.com:8080',
          fetchTimeout: 3000,
          staleTimeout: 10_000,
          weight: 1,
        },
      ],
      streams: [
        {
          name: 'cam01',
          sources: [{ url: 'rtsp://10.0.0.5/main', protocol: 'rtsp' }],
          clusterIngest: { captureAt: undefined, handover: 'seamless' },
          sourceTimeout: 10_000,
          segmentDuration: 2000,
          dvr: undefined,
        },
        {
          name: 'cam02',
          sources: [
            { url: 'rtsp://10.0.0.6/main', protocol: 'rtsp' },
            { url: 'rtsp://10.0.0.6/sub', protocol: 'rtsp' },
          ],
          clusterIngest: { captureAt: 's01.myhosting.com', handover: 'seamless' },
          sourceTimeout: 10_000,
          segmentDuration: 2000,
          dvr: { root: '/storage', mostAge: 7 * 86_400_000, mostBytes: 500 * 1024 ** 3, freePercent: 5 },
        },
      ],
      failbackDelay: 5000,
      handovers: 5,
      replicationSpeed: undefined,
      partition: 'capture',
      stateDir: `./headwater-state/\${name}`,
      editAuth: undefined,
    });
  });

  test('an empty text is a server alone, without streams', () => {
    const { config, diagnostics } = parseConfig('', 'empty.conf');
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({ clusterKey: undefined, http: undefined, peers: [], streams: [] });
  });

  test('can include nothing, and says so', () => {
    const { config, diagnostics } = parseConfig('include more.conf;', 'a.conf');
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: 'error', line: 1, column: 1 }]);
  });
});

describe('include', () => {
  test('reads files in the place of the directive, relative to the file it stands in, patterns by name', async () => {
    const { config, diagnostics } = await loadConfig(
      'etc/main.conf',
      disk({
        'etc/main.conf': 'stream first { url rtsp://h/a; }\ninclude streams/*.conf;\nstream last { url rtsp://h/z; }',
        'etc/streams/2.conf': 'stream two { url rtsp://h/2; }',
        'etc/streams/1.conf': 'include ../deep/one.conf;',
        'etc/streams/.hidden.conf': 'nonsense',
        'etc/streams/readme': 'nonsense',
        'etc/deep/one.conf': 'stream one { url rtsp://h/1; }',
      }),
    );
    expect(diagnostics).toEqual([]);
    expect(config?.streams.map(({ name }) => name)).toEqual(['first', 'one', 'two', 'last']);
  });

  test('diagnostics name the file that was included, and come in the order of reading', async () => {
    const { config, diagnostics } = await loadConfig(
      'main.conf',
      disk({ 'main.conf': 'include a.conf;\nhtp 8080;', 'a.conf': '\n http 99999;' }),
    );
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { file: 'main.conf', line: 2, column: 1 },
      { file: 'a.conf', line: 2, column: 7 },
    ]);
  });

  test.each([
    ['a missing file', { 'main.conf': 'include a.conf;' }, "a.conf can't be read: there is no such file"],
    [
      'a file that includes itself',
      { 'main.conf': 'include ./main.conf;' },
      'the file includes itself: main.conf → main.conf',
    ],
    [
      'a circle of files',
      { 'main.conf': 'include d/a.conf;', 'd/a.conf': 'include ../main.conf;' },
      'the file includes itself: main.conf → d/a.conf → main.conf',
    ],
  ])('%s is an error', async (_, files, message) => {
    const { config, diagnostics } = await loadConfig('main.conf', disk(files));
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: 'error', message }]);
  });

  test('a pattern without a match is only a warning', async () => {
    const { config, diagnostics } = await loadConfig('main.conf', disk({ 'main.conf': 'include conf.d/*.conf;' }));
    expect(config).toBeDefined();
    expect(diagnostics).toMatchObject([{ severity: 'warning', line: 1, column: 9 }]);
  });

  test('files that include each other without end are stopped by depth and by number', async () => {
    const deep: ConfigFiles = {
      // Every file is another path, as links on a disk can make it.
      readText: async (path) => ({ kind: 'text', text: `include x${path};` }),
      listFolder: async () => [],
    };
    const { diagnostics } = await loadConfig('a', deep);
    expect(diagnostics).toMatchObject([{ message: 'files include each other deeper than 16 times' }]);
    const wide = disk({ a: 'include b;'.repeat(1001), b: '' });
    const result = await loadConfig('a', wide);
    expect(result.diagnostics).toMatchObject([{ message: 'more than 1000 files are included' }]);
  });

  test('the main file that is missing is a diagnostic like all others', async () => {
    const { config, diagnostics } = await loadConfig('none.conf', disk({}));
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ file: 'none.conf', line: 1, column: 1, length: 1, severity: 'error' }]);
  });
});
