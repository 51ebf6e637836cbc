import { expect, test } from 'vitest';
import { streamName } from '../units/ids.ts';
import { indexPage, playerPage, streamsScript, streamsScriptPath } from './pages.ts';

const hostile = streamName('a"><script>alert(1)</script>/&\'');

test('a name is text on every page, whatever it is', () => {
  for (const html of [indexPage([hostile]), playerPage(hostile)]) {
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('a">');
  }
});

test('the list leads to each stream', () => {
  expect(indexPage([streamName('site/cam 1')])).toContain('href="/site/cam%201/embed.html"');
});

test('the list has a row for each stream, which the script fills', () => {
  const html = indexPage([streamName('cam'), streamName('site/cam 1')]);
  expect([...html.matchAll(/<tr data-stream="([^"]*)"/g)].map(([, name]) => name)).toEqual(['cam', 'site/cam 1']);
  expect(html).toContain('<td data-field="capturedBy"></td>');
  expect(html).toContain(`<script src="${streamsScriptPath}"></script>`);
  expect(() => new Function(streamsScript)).not.toThrow();
});
