import { type ArchivedRun, closedRun } from '../../src/archive/catalogue/archived-run.ts';
import { incarnation, serverName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';

/** A multiple of all that is counted with here. */
export const dayStart = 20_000 * 86_400 * 90_000;

/** Seconds from `dayStart` as 90 kHz ticks. */
export function at(seconds: number): ReturnType<typeof ticks> {
  return ticks(dayStart + seconds * 90_000);
}

/** A run of so many seconds from `dayStart`, with 1000 bytes a second. */
export function runOf(server: string, from: number, to: number, ordinal = 1): ArchivedRun {
  const name = { startMs: at(from) / 90, server: serverName(server), incarnation: incarnation(1), ordinal };
  const closing = { start: at(from), end: at(to), bytes: (to - from) * 1000 };
  return closedRun(name, closing);
}
