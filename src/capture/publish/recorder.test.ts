import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureStage, stageOffset } from '../../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../../test/support/clip-camera.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { SegmentGrid } from '../../hls/segment-grid.ts';
import { AppError } from '../../units/app-error.ts';
import { millis } from '../../units/time.ts';

const clip = demoClip('gate');
/** Of three groups of pictures, so that a segment may be broken more than once. */
const segmentDuration = millis(6_000);
const grid = new SegmentGrid(segmentDuration);

/** When the camera breaks off and is there again, milliseconds. */
const outages = fc.array(
  fc.record({ afterMs: fc.integer({ min: 100, max: 5_000 }), forMs: fc.integer({ min: 50, max: 2_000 }) }),
  { maxLength: 8 },
);

test('no number is published before time has reached it, and none is left out, however often the source breaks off', async () => {
  await fc.assert(
    fc.asyncProperty(outages, async (breaks) => {
      const clock = new ManualClock();
      const camera = new ClipCamera(clock, clip);
      const on = new CaptureStage(clock, camera.input(), { config: { segmentDuration } });
      let checked = 0;
      const run = async (forMs: number): Promise<void> => {
        for (let ran = 0; ran < forMs; ran += 50) {
          await clock.advance(ms(Math.min(50, forMs - ran)));
          const now = ((clock.monotonic() * 1_000 + stageOffset) * 9) / 100;
          for (const { number } of on.segments.slice(checked)) expect(number).toBeLessThanOrEqual(grid.numberAt(now));
          checked = on.segments.length;
        }
      };
      for (const { afterMs, forMs } of breaks) {
        await run(afterMs);
        camera.break(new AppError('source-closed', 'nobody is there'));
        await run(forMs);
        camera.mend();
      }
      await run(Math.max(0, 20_000 - clock.monotonic()));
      on.capture.stop(true);
      await run(100);
      const numbers = on.segments.map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    }),
    {
      numRuns: 40,
      examples: [
        [
          [
            { afterMs: 500, forMs: 50 },
            { afterMs: 2_000, forMs: 50 },
          ],
        ],
      ],
    },
  );
});
