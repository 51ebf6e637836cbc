import { expect, test } from 'vitest';
import { serverName } from '../../units/ids.ts';
import { parseConfig } from '../loading/load.ts';
import { clusterConfig } from './to-cluster.ts';

test('the core gets servers, shared streams and the rules of the group', () => {
  const { config } = parseConfig(
    `cluster_key k; peer s01 { weight 2; stale_timeout 12; } peer s02; handovers 3; failback_delay 0;
     stream a { url rtsp://h/a; cluster_ingest capture_at=s02 handover=break; source_timeout 4; }
     stream mine { url rtsp://h/b; }`,
    'f',
  );
  expect(config && clusterConfig(config, { digest: 'd' })).toEqual({
    servers: [
      { name: 's01', fetchTimeout: 3000, staleTimeout: 12_000, weight: 2 },
      { name: 's02', fetchTimeout: 3000, staleTimeout: 10_000, weight: 1 },
    ],
    streams: [{ name: 'a', captureAt: 's02', handover: 'break', sourceTimeout: 4000 }],
    failbackDelay: 0,
    handovers: 3,
    partition: 'capture',
    digest: 'd',
  });
});

test('the core knows which sources two servers never read alike', () => {
  const { config } = parseConfig('stream a { url rtsp://h/a; url file:///slate.ts; cluster_ingest; }', 'f');
  expect(config && clusterConfig(config, { digest: 'd' }).streams).toMatchObject([
    { handover: 'seamless', unmatched: [1] },
  ]);
});

test('a server alone is a group of one', () => {
  const { config } = parseConfig('stream a { url rtsp://h/a; cluster_ingest; }', 'f');
  expect(config && clusterConfig(config, { digest: 'd', self: serverName('box') })).toMatchObject({
    servers: [{ name: 'box', weight: 1 }],
    streams: [{ name: 'a' }],
  });
  expect(config && clusterConfig(config, { digest: 'd' }).servers).toMatchObject([{ name: 'localhost' }]);
});
