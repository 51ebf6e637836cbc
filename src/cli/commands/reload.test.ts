import { expect, test } from 'vitest';
import { reloaded } from './reload.ts';

const nothing = { digest: 'd2', streams: 1, changes: [], needsRestart: [], diagnostics: [] };

test('a reload tells what changed, line by line', () => {
  const changes = [
    { kind: 'stream-added' as const, name: 'cam03', directives: [] },
    { kind: 'stream-changed' as const, name: 'cam01', directives: ['url', 'source_timeout'] },
    { kind: 'setting-changed' as const, name: null, directives: ['http'] },
  ];
  const needsRestart = ['it listens on *:8080, the new file says *:9090'];
  expect(reloaded({ ...nothing, streams: 12, changes, needsRestart })).toBe(`stream cam03 added
stream cam01 changed: url, source_timeout
http changed
takes effect when the server is started again: it listens on *:8080, the new file says *:9090
reloaded: 3 changes; 12 streams, configuration d2
`);
});

test('a reload that changes nothing says so, behind the warnings', () => {
  const warning = { severity: 'warning' as const, file: 'a.conf', line: 2, column: 1, message: 'hm', hint: null };
  expect(reloaded({ ...nothing, diagnostics: [warning] })).toBe(
    'a.conf:2:1: warning: hm\nreloaded: nothing changed; 1 stream, configuration d2\n',
  );
});
