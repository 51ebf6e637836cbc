import { describe, expect, it } from 'vitest';
import { cam, s02, windowOf } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { RemoteWindowRequest } from '../../delivery/ports/ports.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import { AppError } from '../../units/app-error.ts';
import { followPredecessor } from './follow-predecessor.ts';

const unreachable = new AppError('stream-unavailable', 'the predecessor is out of reach');

/** What the predecessor answers, one after the other; the last one for ever. `idle`: nothing new within a poll's five seconds. */
type Answer = LiveWindow | 'idle' | Error;

function following(answers: readonly Answer[]) {
  const clock = new ManualClock();
  const asked: RemoteWindowRequest[] = [];
  const seen: (number | undefined)[] = [];
  const abort = new AbortController();
  let gone = false;
  const get = async (request: RemoteWindowRequest): Promise<LiveWindow | undefined> => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(request);
    if (answer instanceof Error) throw answer;
    if (answer !== 'idle') return answer;
    await clock.sleep(ms(5_000), request.signal);
    return undefined;
  };
  let ended: unknown = 'still following';
  const end = followPredecessor({ get }, clock, {
    from: s02,
    stream: cam,
    onWindow: (window) => seen.push(window.segments.at(-1)?.number),
    signal: abort.signal,
    isGone: () => gone,
  });
  end.then(
    () => (ended = 'ended'),
    (error: unknown) => (ended = error),
  );
  return { clock, asked, seen, abort, ended: () => ended, die: () => (gone = true) };
}

describe('a successor follows its predecessor', () => {
  it('window by window, until two polls bring nothing new', async () => {
    const { clock, asked, seen, ended } = following([windowOf(1, 3, s02), windowOf(1, 4, s02), 'idle']);
    await clock.advance(ms(9_999));
    expect(ended()).toBe('still following');
    expect(seen).toEqual([3, 4]);
    expect(asked.map(({ owner, afterRevision }) => [owner, afterRevision])).toEqual([
      [s02, 0],
      [s02, 3],
      [s02, 4],
      [s02, 4],
    ]);
    await clock.advance(ms(1));
    expect(ended()).toBe('ended');
  });

  it('and counts idle polls anew after each window', async () => {
    const { clock, seen, ended } = following(['idle', windowOf(1, 3, s02), 'idle', windowOf(1, 4, s02), 'idle']);
    await clock.advance(ms(19_999));
    expect([seen, ended()]).toEqual([[3, 4], 'still following']);
    await clock.advance(ms(1));
    expect(ended()).toBe('ended');
  });

  it('through failures that pass, four times a second', async () => {
    const { clock, asked, seen, ended } = following([unreachable, unreachable, windowOf(1, 3, s02), 'idle']);
    await clock.advance(ms(499));
    expect(asked).toHaveLength(2);
    await clock.advance(ms(1));
    expect([seen, ended()]).toEqual([[3], 'still following']);
  });

  it('no longer than five seconds of failures', async () => {
    const { clock, asked, ended } = following([unreachable]);
    await clock.advance(ms(4_999));
    expect(ended()).toBe('still following');
    await clock.advance(ms(1));
    expect([asked.length, ended()]).toEqual([20, 'ended']);
  });

  it('no longer than until it is known to be dead', async () => {
    const { clock, asked, ended, die } = following([unreachable]);
    await clock.advance(ms(100));
    die();
    await clock.advance(ms(150));
    expect([asked.length, ended()]).toEqual([2, 'ended']);
  });

  it.each([
    ['a poll', ['idle' as const]],
    ['a pause', [unreachable]],
  ])('until it is told to stop, in the middle of %s', async (_, answers) => {
    const { clock, asked, abort, ended } = following(answers);
    await clock.advance(ms(100));
    abort.abort();
    await clock.advance(ms(0));
    expect([asked.length, ended()]).toEqual([1, 'ended']);
  });

  it('and hides no fault of this program', async () => {
    const { clock, ended } = following([new TypeError('a fault')]);
    await clock.advance(ms(0));
    expect(ended()).toBeInstanceOf(TypeError);
  });
});
