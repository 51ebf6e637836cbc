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

test('no line is wider than the terminal, colours not counted', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
  const widths = renderTable({ ...input, columns: 40 }).map((line) => line.replace(/\u001b\[\d+m/g, '').length);
  expect(Math.max(...widths)).toBe(40);
});
