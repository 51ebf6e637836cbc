import { expect, test } from 'vitest';
import { surroundings } from '../../test/support/fake-delivery.ts';
import { serverName, streamName } from '../units/ids.ts';
import { pathwaysFor } from './pathways.ts';

test.each([
  ['127.0.0.1:8081', '127.0.0.1_8081'],
  ['[::1]:8081', '___1__8081'],
  ['s01.example', 's01.example'],
])('the pathway of %s has an id that players take', (name, id) => {
  const { group } = surroundings(serverName(name));
  const alone = { ...group, liveServers: () => [group.self], publicUrl: () => 'http://h:1' };
  expect(pathwaysFor(alone, streamName('site/cam'))).toEqual([{ id, base: 'http://h:1/site/cam' }]);
});
