import { describe, expect, test } from 'vitest';
import { type Instant, instant, millis } from '../../units/time.ts';
import { FaultDetector } from './fault-detector.ts';

const stale = millis(10_000);
const at = (value: number): Instant => instant(value);

function detector(setUp: (it: FaultDetector) => void): FaultDetector {
  const it = new FaultDetector(at(0));
  setUp(it);
  return it;
}

describe('judges', () => {
  test.each<[string, (it: FaultDetector) => void, number, string]>([
    ['not heard yet', () => {}, 9_999, 'unknown'],
    ['never heard', () => {}, 10_000, 'dead'],
    ['heard lately', (it) => it.heardDirectly(at(5_000)), 14_999, 'alive'],
    ['silent', (it) => it.heardDirectly(at(5_000)), 15_000, 'dead'],
    [
      'silent to us, heard by another',
      (it) => {
        it.heardDirectly(at(5_000));
        it.heardThroughOther(at(8_000));
      },
      15_000,
      'suspect',
    ],
    [
      'silent to all',
      (it) => {
        it.heardDirectly(at(5_000));
        it.heardThroughOther(at(8_000));
      },
      18_000,
      'dead',
    ],
    ['heard through others only, while we have not listened for long', (it) => it.heardThroughOther(at(1)), 2, 'alive'],
    ['silent for longer than we listen', (it) => it.heardThroughOther(at(-9_999)), 2, 'alive'],
    [
      'refusing us, heard by another',
      (it) => {
        it.heardDirectly(at(5_000));
        it.refuses();
      },
      6_000,
      'suspect',
    ],
    [
      'proven dead',
      (it) => {
        it.heardDirectly(at(5_000));
        it.died('process-dead', at(5_100));
      },
      5_101,
      'dead',
    ],
    [
      'having said goodbye; words of the same life arrive late',
      (it) => {
        it.heardDirectly(at(5_000));
        it.died('leave', at(5_100));
        it.heardDirectly(at(5_300));
        it.heardThroughOther(at(5_400));
      },
      5_401,
      'dead',
    ],
    [
      'having said goodbye, and come again',
      (it) => {
        it.died('leave', at(5_100));
        it.bornAgain(at(6_000));
        it.heardDirectly(at(6_000));
      },
      6_001,
      'alive',
    ],
    [
      'proven dead; news from before its death arrive',
      (it) => {
        it.died('process-dead', at(5_100));
        it.heardThroughOther(at(5_150));
      },
      5_200,
      'dead',
    ],
    [
      'proven dead, and yet heard by another later',
      (it) => {
        it.died('process-dead', at(5_100));
        it.heardThroughOther(at(6_000));
      },
      6_100,
      'alive',
    ],
    [
      'heard after its death',
      (it) => {
        it.died('silent', at(5_000));
        it.heardDirectly(at(6_000));
      },
      6_100,
      'alive',
    ],
  ])('%s', (_, setUp, now, life) => {
    expect(detector(setUp).judge(at(now), stale)).toBe(life);
  });
});

test('names the next instant at which it may judge otherwise', () => {
  const it = detector((one) => {
    one.heardDirectly(at(5_000));
    one.heardThroughOther(at(8_000));
  });
  expect(it.nextChange(at(9_000), stale)).toBe(15_000);
  expect(it.nextChange(at(15_000), stale)).toBe(18_000);
  it.judge(at(18_000), stale);
  expect(it.nextChange(at(18_000), stale)).toBeUndefined();
});
