import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '../../units/time.ts';
import { type MpegtsSink, MpegtsViewer } from './viewer.ts';

const mega = 1024 * 1024;

/** A socket whose network takes what the test says. */
class FakeSink implements MpegtsSink {
  queuedBytes = 0;
  readonly written: Uint8Array[] = [];
  skips = 0;
  closed: string | undefined;

  write(data: Uint8Array): void {
    this.queuedBytes += data.length;
    this.written.push(data);
  }

  skipped(): void {
    this.skips += 1;
  }

  close(why: string): void {
    this.closed = why;
  }
}

const chunk = (keyframe: boolean, bytes = mega) => ({ keyframe, data: new Uint8Array(bytes) });

function filled(): { sink: FakeSink; viewer: MpegtsViewer } {
  const sink = new FakeSink();
  const viewer = new MpegtsViewer(sink, []);
  for (let i = 0; i < 9; i++) viewer.offer(chunk(i === 0), instant(0));
  return { sink, viewer };
}

test('begins with what it is given', () => {
  const sink = new FakeSink();
  new MpegtsViewer(sink, [chunk(true, 5)]);
  expect(sink.queuedBytes).toBe(5);
});

test('a full queue gets nothing more, and goes on at a keyframe when half of it has left', () => {
  const { sink, viewer } = filled();
  expect([sink.queuedBytes, sink.skips]).toEqual([8 * mega, 1]);
  sink.queuedBytes = 4 * mega;
  viewer.offer(chunk(false), instant(1));
  expect(sink.written).toHaveLength(8);
  viewer.offer(chunk(true), instant(2));
  viewer.offer(chunk(false), instant(3));
  expect(sink.written).toHaveLength(10);
  expect(sink.closed).toBeUndefined();
});

test('who takes nothing for ten seconds is closed', () => {
  const { sink, viewer } = filled();
  viewer.offer(chunk(true), instant(9_999));
  expect(sink.closed).toBeUndefined();
  viewer.offer(chunk(true), instant(10_000));
  expect([sink.closed, viewer.closed]).toEqual(['slow', true]);
});

test('who skips a fourth time is closed', () => {
  const { sink, viewer } = filled();
  for (let skip = 2; skip <= 4; skip++) {
    sink.queuedBytes = 0;
    for (let i = 0; i < 9; i++) viewer.offer(chunk(i === 0), instant(skip));
    expect([sink.skips, sink.closed]).toEqual(skip < 4 ? [skip, undefined] : [3, 'slow']);
  }
});

test('the queue never grows past its bound, and what follows a gap begins with a keyframe', () => {
  const steps = fc.array(
    fc.record({ keyframe: fc.boolean(), bytes: fc.nat(3 * mega), taken: fc.nat(2 * mega), ms: fc.nat(2000) }),
  );
  fc.assert(
    fc.property(steps, (list) => {
      const sink = new FakeSink();
      const viewer = new MpegtsViewer(sink, []);
      let now = 0;
      let gap = false;
      for (const { keyframe, bytes, taken, ms } of list) {
        now += ms;
        const offered = chunk(keyframe, bytes);
        viewer.offer(offered, instant(now));
        const sent = sink.written.at(-1) === offered.data;
        if (sent && gap) expect(keyframe).toBe(true);
        gap = !sent;
        expect(sink.queuedBytes).toBeLessThanOrEqual(8 * mega);
        sink.queuedBytes = Math.max(0, sink.queuedBytes - taken);
      }
    }),
  );
});
