import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeApi } from '../../../test/support/fake-api.ts';
import { cam, s02 } from '../../../test/support/fake-delivery.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { streamName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { createApp } from '../http/app.ts';
import { registerMetricsRoutes } from '../http/metrics-routes.ts';
import { Metrics } from './metrics.ts';

const page = fileURLToPath(new URL('../../../docs/reference/metrics.md', import.meta.url));

const archives = [
  { root: '/a', open: true, runs: 3, bytes: 77, oldestSeconds: 1_800_000_000, droppedSeconds: 2.5, freeBytes: 99 },
  { root: '/b', open: false, runs: 0, bytes: 0, oldestSeconds: undefined, droppedSeconds: 0, freeBytes: undefined },
];

const read = { held: () => 3, mpegtsViewers: () => 2, groupClockAhead: () => millis(-1_500), archives: () => archives };

function metricsOf(): Metrics {
  return new Metrics({ version: '0.1.0', status: fakeApi().status, ...read });
}

/** `name type help` of the project's own metrics, as a scrape tells them. */
async function told(metrics: Metrics): Promise<string[]> {
  const text = await metrics.text();
  return [...text.matchAll(/^# HELP (headwater_\w+) (.*)\n# TYPE \w+ (\w+)$/gm)].map(
    ([, name, help, type]) => `${name} ${type} ${help}`,
  );
}

test('the page tells exactly what a scrape tells', async () => {
  const rows = [...readFileSync(page, 'utf8').matchAll(/^\| `(headwater_\w+)` +\| (\w+) +\|[^|]*\| (.*?) *\|$/gm)];
  const written = rows.map(([, name, type, help]) => `${name} ${type} ${help}`);
  expect(written.sort()).toEqual((await told(metricsOf())).sort());
});

test('every name ends in its unit', async () => {
  const names = (await told(metricsOf())).map((line) => line.split(' ')[0] ?? '');
  const unit = /_(seconds|seconds_total|bytes|bytes_total|recordings|total|info|servers|streams|requests|viewers)$/;
  expect(names.filter((name) => !unit.test(name))).toEqual([]);
});

test('a scrape looks at the group once, and anew each time', async () => {
  const asked: string[] = [];
  const { status } = fakeApi();
  const servers = (): ReturnType<typeof status.servers> => {
    asked.push('servers');
    return status.servers();
  };
  const views = (): ReturnType<typeof status.views> => {
    asked.push('views');
    return status.views();
  };
  const streams: typeof status.streams = (of) => {
    asked.push('streams');
    return status.streams(of);
  };
  const metrics = new Metrics({
    version: '0.1.0',
    status: { ...status, servers, views, streams },
    ...read,
  });
  await metrics.text();
  expect(asked).toEqual(['servers', 'views', 'streams']);
  await metrics.text();
  expect(asked).toHaveLength(6);
});

test('the age of the last frame goes on where nobody has any: every server tells it then', async () => {
  const { status } = fakeApi();
  const [stream] = status.streams();
  if (stream === undefined) throw new Error('no stream');
  const view = { ...stream.view, owner: s02, capturedBy: s02 };
  const lost = { ...view, name: streamName('lost'), state: 'error', owner: undefined, capturedBy: undefined } as const;
  const asked: string[] = [];
  const views = () => [view, lost];
  const streams: typeof status.streams = (of = []) => {
    asked.push(...of.map(({ name }) => name));
    return of.map((each) => ({ ...stream, view: each, media: undefined, lastFrameAge: millis(61_000) }));
  };
  const text = await new Metrics({ version: '0.1.0', status: { ...status, views, streams }, ...read }).text();
  const ages = text.split('\n').filter((line) => line.startsWith('headwater_stream_frame_age_seconds{'));
  expect(ages).toEqual(['headwater_stream_frame_age_seconds{stream="lost"} 61']);
  // Of thousands that run elsewhere the media are not looked up for it.
  expect(asked).toEqual(['lost']);
});

test('a scrape tells the state of the moment and what was counted', async () => {
  const metrics = metricsOf();
  metrics.start();
  metrics.notice({ kind: 'captured', stream: cam, standIn: true, cause: 'process-dead', tookMs: 640 });
  metrics.notice({ kind: 'failback', stream: cam, from: s02, tookMs: 40 });
  metrics.videoLost(millis(1500));
  metrics.answered('playlist');
  metrics.sent('segment', 1000);
  metrics.slowViewer('segment', 'closed');
  const app = createApp(silentLog, (code) => metrics.failed(code));
  registerMetricsRoutes(app, metrics);
  await app.inject({ url: '/nothing' });
  const scrape = await app.inject({ url: '/metrics' });
  metrics.stop();
  expect(scrape.headers['content-type']).toContain('text/plain');
  for (const line of [
    'headwater_build_info{version="0.1.0"} 1',
    'headwater_group_servers{state="dead"} 1',
    'headwater_group_streams{state="running"} 1',
    'headwater_captured_streams 1',
    'headwater_stand_in_streams 1',
    'headwater_held_requests 3',
    'headwater_mpegts_viewers 2',
    'headwater_group_clock_ahead_seconds -1.5',
    'headwater_stream_frame_age_seconds{stream="site/cam01"} 0.0404',
    'headwater_stream_received_bytes_total{stream="site/cam01"} 12345',
    'headwater_takeover_seconds_bucket{le="0.5",cause="process-dead"} 0',
    'headwater_takeover_seconds_bucket{le="1",cause="process-dead"} 1',
    'headwater_handover_seconds_count{kind="failback"} 1',
    'headwater_archive_available_info{root="/a"} 1',
    'headwater_archive_available_info{root="/b"} 0',
    'headwater_archive_recordings{root="/a"} 3',
    'headwater_archive_size_bytes{root="/a"} 77',
    'headwater_archive_free_bytes{root="/a"} 99',
    'headwater_archive_oldest_seconds{root="/a"} 1800000000',
    'headwater_archive_dropped_seconds_total{root="/a"} 2.5',
    'headwater_video_lost_seconds_total 1.5',
    'headwater_http_answers_total{kind="playlist"} 1',
    'headwater_http_errors_total{code="not-found"} 1',
    'headwater_http_sent_bytes_total{kind="segment"} 1000',
    'headwater_slow_viewers_total{kind="segment",done="closed"} 1',
  ]) {
    expect(scrape.body.split('\n')).toContain(line);
  }
});
