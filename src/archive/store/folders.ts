import type { StreamName } from '../../units/ids.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { parseStreamFolder, streamFolder, summaryPath } from '../layout/run-path.ts';

/** A day of a stream that has a folder. */
export interface DayFolder {
  readonly stream: StreamName;
  /** `<stream>/YYYY/MM/DD` */
  readonly path: string;
  /** There is a summary of it. */
  readonly summarized: boolean;
}

const year = /^\d{4}$/;
const month = /^(0[1-9]|1[0-2])$/;
const day = /^(0[1-9]|[12]\d|3[01])$/;
/** A folder of an hour within a day's. */
const hour = /^([01]\d|2[0-3])$/;

export async function streamsIn(disk: ArchiveDisk): Promise<StreamName[]> {
  const names = await sorted(disk, '');
  return names.flatMap((name) => parseStreamFolder(name) ?? []);
}

/** A folder that the disk does not give; what is in it is unknown. */
export interface FailedFolder {
  readonly path: string;
  readonly error: unknown;
}

/** Of some streams, each oldest first. Read as they are asked for; past what can't be read. */
export async function* daysOf(
  disk: ArchiveDisk,
  streams: Iterable<StreamName>,
  failed: (folder: FailedFolder) => void,
): AsyncGenerator<DayFolder> {
  const list = (path: string): Promise<string[]> =>
    sorted(disk, path).catch((error: unknown) => {
      failed({ path, error });
      return [];
    });
  for (const stream of streams) {
    const folder = streamFolder(stream);
    for (const y of matching(await list(folder), year)) {
      for (const m of matching(await list(`${folder}/${y}`), month)) {
        const names = await list(`${folder}/${y}/${m}`);
        const all = new Set(names);
        for (const d of matching(names, day)) {
          yield { stream, path: `${folder}/${y}/${m}/${d}`, summarized: all.has(summaryPath(d)) };
        }
      }
    }
  }
}

/** Of a day, by their names in its folder. */
export async function hoursOf(disk: ArchiveDisk, dayPath: string): Promise<string[]> {
  return matching(await sorted(disk, dayPath), hour);
}

function matching(names: readonly string[], pattern: RegExp): string[] {
  return names.filter((name) => pattern.test(name));
}

async function sorted(disk: ArchiveDisk, folder: string): Promise<string[]> {
  return [...((await disk.list(folder)) ?? [])].sort();
}
