import { describe, expect, test } from 'vitest';
import type { EventJson, StreamJson } from '../../api/schema.ts';
import { eventsText } from './events.ts';

function event(told: Partial<EventJson>): EventJson {
  return {
    id: 's1-1-1',
    time: '2026-01-31T02:10:05.123Z',
    server: 's1',
    observedBy: ['s1'],
    kind: 'takeover',
    stream: 'cam1',
    from: null,
    to: null,
    source: null,
    cause: 'process-dead',
    message: 'what happened',
    tookMs: null,
    videoLostMs: null,
    videoLostFrom: null,
    videoLostTo: null,
    ...told,
  };
}

const lines = (...events: readonly Partial<EventJson>[]): string[] =>
  eventsText(events.map(event), []).trimEnd().split('\n');

describe('headwater events', () => {
  test('shows who saw it first, and how many saw the same', () => {
    const observedBy = ['s1', 's2', 's3'];
    expect(lines({ kind: 'server-down', observedBy, tookMs: 400 })[1]).toBe(
      '2026-01-31 02:10:05  s1 +2    server-down  process-dead  400 ms  -           -                what happened',
    );
  });

  test('keeps a long error out of the columns: the sentence has it', () => {
    const cause = 'http://10.0.0.5/main: ECONNRESET';
    expect(lines({ cause, message: `cam1: ${cause}` })[1]).toContain('  http://10.0.0.5…  -');
  });

  test.each<[string, Partial<EventJson>[]]>([
    ['no video lost', [{ videoLostMs: 0 }, { kind: 'server-up' }]],
    [
      'video lost: 3.5 s of 2 streams',
      [
        { videoLostMs: 1_500 },
        { stream: 'cam2', kind: 'interrupted', videoLostMs: 2_000 },
        { kind: 'drained', videoLostMs: 3_500 },
      ],
    ],
    ['video lost: 1.5 s of 1 stream; not known of 1 event', [{ videoLostMs: 1_500 }, { kind: 'failback' }]],
  ])('ends with: %s', (last, events) => {
    expect(lines(...events).at(-1)).toBe(last);
  });

  test('says when nothing happened', () => {
    expect(eventsText([], [])).toBe('nothing happened\n');
  });

  test('shows where video is missing, with the date where that is another one', () => {
    const videoLostMs = 8_500;
    const [from, to] = ['2026-01-31T02:09:56.600Z', '2026-01-31T02:10:05.123Z'];
    expect(lines({ videoLostMs, videoLostFrom: from, videoLostTo: to })[1]).toContain(
      '  8.5 s       02:09:56.6 - 02:10:05.1  ',
    );
    expect(lines({ videoLostMs, videoLostFrom: '2026-01-30T23:59:58.000Z', videoLostTo: to })[1]).toContain(
      '2026-01-30 23:59:58.0 - 02:10:05.1',
    );
  });

  const stream = (name: string, state: StreamJson['state'], lastFrameMs: number | null): StreamJson =>
    ({ name, state, lastFrameMs }) as StreamJson;

  test.each<[string, EventJson[], StreamJson[]]>([
    [
      'no video lost before; NO VIDEO NOW: cam2 for 38.0 s',
      [event({ videoLostMs: 0 })],
      [stream('cam2', 'error', 38_000)],
    ],
    ['nothing happened; NO VIDEO NOW: cam1', [], [stream('cam1', 'starting', null)]],
    ['nothing happened; NO VIDEO NOW: cam1 for 6.0 s', [], [stream('cam1', 'running', 6_000)]],
    ['nothing happened', [], [stream('cam1', 'running', 400), stream('cam2', 'idle', null)]],
    [
      'nothing happened; NO VIDEO NOW: c1, c2, c3, c4, c5 and 2 more',
      [],
      [1, 2, 3, 4, 5, 6, 7].map((n) => stream(`c${n}`, 'waiting', null)),
    ],
  ])('with what is dark now ends: %s', (last, events, streams) => {
    expect(eventsText(events, streams).trimEnd().split('\n').at(-1)).toBe(last);
  });
});
