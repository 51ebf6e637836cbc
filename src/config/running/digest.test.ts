import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';
import { canonicalText, configDigest } from './digest.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function digest(text: string): string {
  const { config } = parseConfig(text, 'f');
  if (config === undefined) throw new Error('the text of the test is wrong');
  return configDigest(config, sha256);
}

const base = `
cluster_key KEY;
peer s01; peer s02;
stream a { url rtsp://u:PASS@h/x; cluster_ingest; }
stream b { url rtsp://h/y; cluster_ingest capture_at=s01; }
state_dir /s/\${name};
edit_auth admin WORD;
`;

describe('configDigest', () => {
  test.each([
    ['comments and blanks', base.replaceAll(';', ' ; # x\n')],
    ['the order of lines', base.trim().split('\n').reverse().join('\n')],
    [
      'defaults spelt out',
      `${base} failback_delay 5; handovers 5; partition capture;`.replace(
        'peer s01;',
        'peer s01 { fetch_timeout 3; weight 1; }',
      ),
    ],
    ['units', base.replace('cluster_ingest;', 'cluster_ingest; source_timeout 10000ms;')],
    ['a template', `${base.replace('cluster_ingest;', 'template t;')} template t { cluster_ingest; }`],
    ['input for url', base.replaceAll('url', 'input')],
  ])('%s change nothing', (_, text) => {
    expect(text).not.toBe(base);
    expect(digest(text)).toBe(digest(base));
  });

  test.each([
    ['the key', base.replace('KEY', 'KEY2')],
    ["a camera's password", base.replace('PASS', 'PASS2')],
    ['the editor', base.replace('admin', 'root')],
    ["the editor's password", base.replace('WORD', 'WORD2')],
    ['a peer', `${base} peer s03;`],
    ["a peer's weight", base.replace('peer s02;', 'peer s02 { weight 2; }')],
    ['what is recorded', base.replace('url rtsp://h/y;', `url rtsp://h/y; dvr /s/\${name} 7d;`)],
    ['the speed of replication', `${base} replication_speed 200M;`],
    ['a stream', `${base} stream c { url rtsp://h/x; }`],
    ['the home of a stream', base.replace('capture_at=s01', 'capture_at=s02')],
    ['the order of sources', base.replace('url rtsp://h/y;', 'url rtsp://h/z; url rtsp://h/y;')],
    ['a setting', `${base} failback_delay 6;`],
    ['the folder', base.replace('/s/', '/t/')],
    ['the port', `${base} http 8080;`],
  ])('%s changes it', (_, text) => {
    expect(digest(text)).not.toBe(digest(base));
  });

  test('the text that is hashed holds no secret, and no name of this server', () => {
    const { config } = parseConfig(base, 'f');
    const text = config === undefined ? '' : canonicalText(config, sha256);
    expect(text).not.toMatch(/KEY|PASS|WORD/);
    expect(text).toContain(`\${name}`);
  });
});
