import type { LiveWindow } from '../../hls/live-window.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import type { RemoteWindows } from './remote-windows.ts';

/** Between two tries to reach the predecessor: well within a segment, so that none is missed. */
const retryAfter = millis(250);

/** A predecessor that could not be asked so often in a row is gone; a handover without it is the core's to end. */
const maxFailures = 20;

/** Polls that bring nothing new, each some seconds long: the predecessor has stopped, and its last segment is known. */
const maxIdlePolls = 2;

export interface Following {
  readonly from: ServerName;
  readonly stream: StreamName;
  readonly onWindow: (window: LiveWindow) => void;
  readonly signal: AbortSignal;
  /** Known to be dead: waiting for it is in vain. */
  readonly isGone: () => boolean;
}

/** Follows the predecessor's live window through an overlapping handover, until it has ended, is gone, or the signal aborts. */
export async function followPredecessor(
  windows: Pick<RemoteWindows, 'get'>,
  clock: Clock,
  following: Following,
): Promise<void> {
  const { from, stream, onWindow, signal, isGone } = following;
  let afterRevision = 0;
  let failures = 0;
  let idle = 0;
  while (!signal.aborted && failures < maxFailures && idle < maxIdlePolls) {
    try {
      const window = await windows.get({ stream, owner: from, afterRevision, signal });
      failures = 0;
      idle = window === undefined ? idle + 1 : 0;
      if (window === undefined) continue;
      afterRevision = window.revision;
      onWindow(window);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) throw error;
      if (isGone()) return;
      failures += 1;
      await clock.sleep(retryAfter, signal).catch(() => undefined);
    }
  }
}
