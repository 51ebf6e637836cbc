import { expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';
import type { Config } from '../model/config.ts';
import { noteOf, phraseOf } from './change-note.ts';
import { diff } from './diff.ts';

function configOf(text: string): Config {
  const { config } = parseConfig(text, 'f');
  if (config === undefined) throw new Error('the text of the test is wrong');
  return config;
}

test('a change is told by the words of the file, and never with a value', () => {
  const before = configOf(
    'cluster_key SECRET1; peer a; peer b; stream x { url rtsp://u:SECRET2@h/x; } stream y { url rtsp://h/y; }',
  );
  const after = configOf(
    `cluster_key SECRET3; peer a { address 10.0.0.1:81; weight 2; } peer c; failback_delay 9; handovers 3; edit_auth u SECRET4;
     stream x { url rtsp://u:SECRET5@h/x; cluster_ingest; source_timeout 3; segment_duration 4; } stream z { url rtsp://h/z; }`,
  );
  expect(diff(before, after).map(noteOf).map(phraseOf)).toEqual([
    'cluster_key changed',
    'failback_delay changed',
    'handovers changed',
    'edit_auth changed',
    'peer b removed',
    'peer a changed: address, public_url, weight',
    'peer c added',
    'stream y removed',
    'stream x changed: url, cluster_ingest, source_timeout, segment_duration',
    'stream z added',
  ]);
});
