import { describe, expect, test } from 'vitest';
import { parseConfig } from './load.ts';

/** The examples of the page that started the project, as they are printed there: blocks open, sources left out. */
const group = 'cluster_key MYSECRET;\n\npeer s01.myhosting.com;\npeer s02.myhosting.com;\npeer s03.myhosting.com;\n';
const streams = `
stream cam01 {
  url ...;

stream cam02 {
  url ...;

stream cam03 {
  url ...;
  cluster_ingest capture_at=s01.myhosting.com;
`;
const timeouts = `
peer s01.myhosting.com {
  fetch_timeout 1;
  stale_timeout 3;
`;

/** What the page's reader does to use it. */
function completed(text: string): string {
  let camera = 4;
  return `${text.replaceAll('...', () => `rtsp://10.0.0.${++camera}/main`).replaceAll('\n\nstream', '\n}\n\nstream')}}\n`;
}

describe('the examples that the language was made for', () => {
  test('parse once the sources are filled in and the blocks closed', () => {
    const { config, diagnostics } = parseConfig(`${group}${completed(streams)}${completed(timeouts)}`, 'page.conf');
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning', 'warning', 'warning', 'warning']);
    expect(config?.peers.map(({ name, fetchTimeout, staleTimeout }) => [name, fetchTimeout, staleTimeout])).toEqual([
      ['s01.myhosting.com', 1000, 3000],
      ['s02.myhosting.com', 3000, 10_000],
      ['s03.myhosting.com', 3000, 10_000],
    ]);
    expect(config?.streams.map(({ clusterIngest }) => clusterIngest?.captureAt)).toEqual([
      undefined,
      undefined,
      's01.myhosting.com',
    ]);
  });

  test.each([group, completed(streams), `cluster_key MYSECRET;${completed(timeouts)}`])(
    'each by itself: %s',
    (text) => {
      expect(parseConfig(text, 'page.conf').config).toBeDefined();
    },
  );

  test('as printed, say for each block that it is open and where it began', () => {
    const { config, diagnostics } = parseConfig(`${group}${streams}${timeouts}`, 'page.conf');
    expect(config).toBeUndefined();
    const structure = diagnostics.filter(({ message }) => /open|closed/.test(message));
    expect(structure.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '10: `stream` inside `stream cam01`, which began on line 7 and is still open',
      '13: `stream` inside `stream cam02`, which began on line 10 and is still open',
      '17: `peer` inside `stream cam03`, which began on line 13 and is still open',
      '17: the block of `peer s01.myhosting.com` is not closed',
    ]);
    const sources = diagnostics.filter(({ message }) => message.includes('filled in'));
    expect(sources.map(({ line }) => line)).toEqual([8, 11, 14]);
  });
});
