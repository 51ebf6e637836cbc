import { expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';

const warnings = (text: string): string[] =>
  parseConfig(text, 'f').diagnostics.map(
    ({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`,
  );

test.each([
  ['different urls', 'stream a { url rtsp://h/a; url rtsp://h/b; }\nstream b { url rtsp://h/c; }', []],
  [
    'one url twice in a stream',
    'stream a { url rtsp://h/a; url rtsp://u:SECRET@h/b; url rtsp://u:SECRET@h/b; }',
    ['warning 1:57 stream `a` has this url twice'],
  ],
  [
    'two streams with one url',
    'stream a { url rtsp://h/a; }\nstream b { url rtsp://h/b; url rtsp://h/a; }',
    ['warning 2:32 streams `a` and `b` read the same url, each on a connection of its own'],
  ],
  [
    'a template whose url several streams take',
    'template t { url rtsp://h/a; }\nstream a { template t; }\nstream b { template t; }',
    ['warning 1:18 streams `a` and `b` read the same url, each on a connection of its own'],
  ],
  [
    'more urls than there is time for',
    'stream a { url rtsp://h/a; url rtsp://h/b; source_timeout 3; }',
    [
      'warning 1:8 stream `a` has 2 urls, of which each is tried for 2s at the least, and is given up after 3s: the last ones are never tried',
    ],
  ],
])('%s', (_case, text, expected) => {
  expect(warnings(text)).toEqual(expected);
});
