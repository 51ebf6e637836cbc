import type { Ticks } from '../../units/ticks.ts';
import { ticks } from '../../units/ticks.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { summaryPath } from '../layout/run-path.ts';
import { renderSummary } from './day-summary.ts';
import { type DayFolder, hoursOf } from './folders.ts';
import { readDay } from './read-day.ts';

/**
 * Of a day's end, 90 kHz: its last run goes on for a while, servers' clocks differ, and what its folders' stamps were taken for must be long
 * past, for a stamp tells apart only what lies milliseconds apart.
 */
const restedFor = 2 * 3_600 * 90_000;

/**
 * Writes the summary of a day that nothing is recorded into any more; false when it isn't that yet. Nothing waits for it: a start without it
 * takes longer. `now`: UTC, 90 kHz.
 */
export async function summarize(disk: ArchiveDisk, { path }: DayFolder, now: Ticks): Promise<boolean> {
  if (endOfDay(path) + restedFor > now) return false;
  // Before what is in them is read: what comes meanwhile makes them others, and the summary void.
  const stamp = await disk.stamp(path);
  const hours = new Map<string, string>();
  for (const hour of await hoursOf(disk, path)) hours.set(hour, (await disk.stamp(`${path}/${hour}`)) ?? '');
  const { ended, unfinished } = await readDay(disk, path);
  if (stamp === undefined || unfinished.length > 0) return false;
  // Torn by a crash it is no summary, and the day is read as it lies.
  await disk.replace(summaryPath(path), renderSummary({ stamp, hours, runs: ended }), { sync: false });
  return true;
}

function endOfDay(path: string): Ticks {
  const [year, month, day] = path.split('/').slice(-3).map(Number);
  return ticks(Date.UTC(year ?? 0, (month ?? 1) - 1, (day ?? 0) + 1) * 90);
}
