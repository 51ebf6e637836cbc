import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../syntax/render-diagnostic.ts';
import { parseConfig } from './load.ts';

const secrets = { key: 'Kq7Zx9Wv', password: 'Pw3Xk8Tn', url: 'Uz5Yj2Rc', token: 'Tb6Qh4Md', panel: 'Jn2Lg8Vs' };
const whole = `
cluster_key ${secrets.key};
edit_auth admin ${secrets.password};
peer s01 { fetch_timeout 3; }
stream cam01 { url rtsp://user:${secrets.url}@10.0.0.5/main; cluster_ingest; }
stream cam02 {
  url http://10.0.0.6/live.ts?token=${secrets.token};
  url "rtsp://user:${secrets.url}@10.0.0.7/sub";
  cluster_ingest capture_at=s01;
}
stream cam03 { url rtsp://10.0.0.8/user=admin&password=${secrets.token}&channel=1&stream=0.sdp; }
stream cam04 { url http://iptv.example/live/joe/${secrets.panel}/1234.ts; }
stream cam05 { url http://iptv.example/joe/${secrets.panel}/1234; }
`;

/** Everything that anyone is told about the text, by people's eyes or by programs. */
function told(text: string): string {
  const { diagnostics } = parseConfig(text, 'f');
  return `${diagnostics.map(renderDiagnostic).join('\n')}\n${JSON.stringify(diagnostics)}`;
}

function expectNoSecret(text: string): void {
  const output = told(text);
  for (const secret of Object.values(secrets)) expect(output, text).not.toContain(secret);
}

describe('a diagnostic never shows a secret', () => {
  test.each([
    ['a name with a slip', `clustr_key ${secrets.key};`],
    ['another name', `secret_key ${secrets.key};`],
    ['no blank', `cluster_key${secrets.key};`],
    ['quotes for a blank', `cluster_key"${secrets.key}";`],
    ['an equals sign', `cluster_key=${secrets.key};`],
    ['an early semicolon', `cluster_key; ${secrets.key};`],
    ['an early semicolon and a new line', `cluster_key;\n${secrets.key};`],
    ['a semicolon inside', `cluster_key abc;${secrets.key};`],
    ['two words', `cluster_key abc ${secrets.key};`],
    ['a block', `cluster_key { ${secrets.key}; }`],
    ['a block after it', `cluster_key abc { ${secrets.key}; deep { ${secrets.key} ${secrets.key}; } }`],
    ['an open quote', `cluster_key "${secrets.key};`],
    ['a quote too early', `"cluster_key ${secrets.key};`],
    ['twice', `cluster_key a; cluster_key ${secrets.key};`],
    ['inside a stream', `stream a { cluster_key ${secrets.key}; }`],
    ['missing semicolon', `cluster_key ${secrets.key}\nhttp 8080;`],
    ['missing semicolon before it', `http 8080 cluster_key ${secrets.key};`],
    ['a comment behind a mistake', `http 99999; # cluster_key ${secrets.key}`],
    ['a user with a colon', `edit_auth admin:${secrets.password};`],
    ['a slash in a password', `stream a { url rtsp://u:a/${secrets.url}@h/x; url x; }`],
    ['a question mark in a password', `stream a { url rtsp://u:a?${secrets.url}@h/x; url x; }`],
    ['a semicolon in a password', `stream a { url rtsp://u:a;${secrets.url}@h/x; }`],
    ['a semicolon at its end', `stream a { url rtsp://u:${secrets.url};x@h/x; }`],
    ['two semicolons in a password', `stream a { url rtsp://u:a;${secrets.url};b@h/x; }`],
    ['a blank in a password', `stream a { url rtsp://u:a ${secrets.url}@h/x; }`],
    ['a blank at its end', `stream a { url rtsp://u:${secrets.url} a@h/x; }`],
    ['a brace in a password', `stream a { url rtsp://u:a{${secrets.url}@h/x; }`],
    ['a quote in a password', `stream a { url rtsp://u:a"${secrets.url}@h/x; }`],
    ['an unknown scheme', `stream a { url ftp://u:${secrets.url}@h/x; }`],
    ['no scheme', `stream a { url u:${secrets.url}@h/x; }`],
    ['a query', `stream a { url ftp://h/x?token=${secrets.token}; }`],
    ['a query with a semicolon', `stream a { url http://h/x?token=a;${secrets.token}; }`],
    ['a pair of the path', `stream a { url ftp://h/user=a&password=${secrets.token}; }`],
    ['a path of RTSP', `stream a { url rtsp://h/user=a&password=${secrets.token}&channel=1 bad=1; }`],
    ['the path of a panel', `stream a { url http://h/live/joe/${secrets.panel}/1.ts bad=1; }`],
    ['the path of a short panel', `stream a { url http://h/joe/${secrets.panel}/1 bad=1; }`],
    ['a semicolon in the path of a panel', `stream a { url http://h/joe/${secrets.panel};/1.ts; }`],
    ['a blank in the path of a panel', `stream a { url http://h/joe/${secrets.panel} /1.ts; }`],
    ['the path of a panel without its host', `stream a { url /live/joe/${secrets.panel}/1.ts; }`],
    ['an option after the URL', `stream a { url rtsp://u:${secrets.url}@h/x bad=${secrets.token}; }`],
    ['a public URL', `cluster_key k; peer a { public_url http://u:${secrets.password}@h; }`],
    ['the place of another value', `stream rtsp://u:${secrets.url}@h/x { }`],
    ['a push address that comes later', `stream a { url rtsp://h/x; dvr s3://u:${secrets.password}@h/x; }`],
  ])('%s', (_, text) => {
    expect(parseConfig(text, 'f').diagnostics).not.toEqual([]);
    expectNoSecret(text);
  });

  test('whatever single slip the author makes outside of the secrets', () => {
    const places = [...whole].map((_, index) => index).filter((index) => !isInSecret(index));
    const slip = fc.record({
      at: fc.constantFrom(...places),
      remove: fc.integer({ min: 0, max: 1 }),
      insert: fc.constantFrom('', ';', '{', '}', '"', '#', ' ', '\n', '=', ':', '@', '/', '?', 'x', '\\', '$', '${'),
    });
    fc.assert(
      fc.property(slip, ({ at, remove, insert }) => {
        expectNoSecret(whole.slice(0, at) + insert + whole.slice(at + remove));
      }),
      { numRuns: 2000 },
    );
  });
});

function isInSecret(index: number): boolean {
  return Object.values(secrets).some((secret) => {
    for (let start = whole.indexOf(secret); start >= 0; start = whole.indexOf(secret, start + 1)) {
      if (index > start && index < start + secret.length) return true;
    }
    return false;
  });
}
