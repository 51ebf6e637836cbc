import type { LiveWindow } from '../../hls/live-window.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, millis } from '../../units/time.ts';
import type { RemoteWindows } from './remote-windows.ts';

/** The server has just spoken, and what a new capture publishes waits for its answer. */
const answerWithin = millis(1_000);

/** The window of a server whose capture has ended, as it left it; undefined when it can't be had in time. */
export async function lastWindow(
  windows: Pick<RemoteWindows, 'get'>,
  clock: Clock,
  ended: { readonly from: ServerName; readonly stream: StreamName; readonly signal: AbortSignal },
): Promise<LiveWindow | undefined> {
  const tooLate = new AbortController();
  const cancel = clock.setTimer(after(clock.monotonic(), answerWithin), () => tooLate.abort());
  const signal = AbortSignal.any([ended.signal, tooLate.signal]);
  try {
    return await windows.get({ stream: ended.stream, owner: ended.from, afterRevision: 0, signal });
  } catch (error) {
    if (signal.aborted || error instanceof AppError) return undefined;
    throw error;
  } finally {
    cancel();
  }
}
