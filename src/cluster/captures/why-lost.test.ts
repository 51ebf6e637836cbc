import { expect, test } from 'vitest';
import { TestGroup } from '../testing/test-group.ts';

test('a restart is no cause of what happens once the server has its streams back', () => {
  const group = TestGroup.started({ servers: 3 });
  const home = group.home('cam1');
  group.kill(home);
  group.run(2_000);
  group.start(home);
  group.until(() => group.allHome(), 60_000);
  group.run(60_000);
  const before = group.told('takeover').length;
  group.cameras.lose(group.server(home), 'cam1');
  group.until(() => group.told('takeover').length > before, 30_000);
  expect(group.told('takeover').at(-1)).toContain('"cause":"source-lost"');
});
