import { expect, test } from 'vitest';
import { renderTable, type TableInput } from './table.ts';

const input: TableInput = {
  snapshot: {
    answeredBy: 's1',
    servers: [{ name: 's1', state: 'alive', streams: 12, lastHeardMs: 0 }],
    streams: Array.from({ length: 12 }, (_, index) => ({
      name: `cam${index}`,
      state: 'running',
      home: 's1',
      capturedBy: 's1',
      standIn: false,
      lastFrameMs: 10,
      source: 'rtsp://h/x',
    })),
  },
  processes: new Map([
    ['s1', 'running'],
    ['s2', 'frozen'],
    ['s3', 'killed'],
  ]),
  selected: 's2',
  urls: ['http://one', 'http://two'],
  happened: Array.from({ length: 10 }, (_, index) => `news ${index}.`),
  files: 'configuration /tmp/x',
  columns: 200,
  rows: 60,
};

test('a small terminal shows the servers, the keys and the newest news', () => {
  const lines = renderTable({ ...input, rows: 23 });
  const text = lines.join('\n');
  expect(lines.length).toBeLessThanOrEqual(23);
  for (const wanted of ['s3', 'kill -9', 'news 9.', 'news 5.', 'cam0']) expect(text).toContain(wanted);
});

test('a large one shows everything', () => {
  const text = renderTable(input).join('\n');
  for (const wanted of ['news 0.', 'news 9.', 'cam11', 'http://two']) expect(text).toContain(wanted);
});

test('a server that should have been heard is shown so, with its streams', () => {
  const { snapshot } = input;
  if (snapshot === undefined) throw new Error('no snapshot');
  const own = { name: 's1', state: 'alive', streams: 12, lastHeardMs: 0 };
  const shown = (lastHeardMs: number, state = 'alive'): string => {
    const servers = [
      { ...own, state, lastHeardMs },
      { ...own, name: 's3' },
    ];
    return renderTable({ ...input, snapshot: { ...snapshot, answeredBy: 's3', servers } }).join('\n');
  };
  expect(shown(3_400).match(/unheard/g)).toBeNull();
  expect(shown(4_100).match(/unheard/g)).toHaveLength(13);
  expect(shown(12_000, 'dead').match(/unheard/g)).toBeNull();
});

test('a narrow terminal shows all keys', () => {
  const line = renderTable({ ...input, columns: 80 }).find((shown) => shown.includes('kill -9'));
  expect(line).toContain(' quit');
});

test('no line is wider than the terminal, colours not counted', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
  const widths = renderTable({ ...input, columns: 40 }).map((line) => line.replace(/\u001b\[\d+m/g, '').length);
  expect(Math.max(...widths)).toBe(40);
});
