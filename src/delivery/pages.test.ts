import { expect, test } from 'vitest';
import { streamName } from '../units/ids.ts';
import { indexPage, playerPage } from './pages.ts';

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
