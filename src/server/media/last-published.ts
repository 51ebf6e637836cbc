import type { LiveWindow } from '../../hls/live-window.ts';
import type { ServerName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';

/** What is known of the newest segment of a stream, wherever it was published. */
export interface LastPublished {
  /** Where it ends, 90 kHz UTC. */
  readonly end: Ticks | undefined;
  readonly number: number | undefined;
  readonly holder?: ServerName;
  /** EXT-X-TARGETDURATION of its list, seconds. */
  readonly targetDuration: number | undefined;
}

export const nothingPublished: LastPublished = { end: undefined, number: undefined, targetDuration: undefined };

/** What a window tells of it. */
export function lastOf(window: LiveWindow | undefined): LastPublished {
  const last = window?.segments.at(-1);
  if (window === undefined || last === undefined) return nothingPublished;
  return {
    end: ticks(last.start + last.duration),
    number: last.number,
    holder: last.holder,
    targetDuration: window.targetDuration,
  };
}
