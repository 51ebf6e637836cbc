import type { StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Closing, decodeClosing } from '../index/closing.ts';
import { formatRunName, type RunName } from '../layout/run-name.ts';
import { parseRunPath } from '../layout/run-path.ts';

/** A file below the archive's root, by its path there. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** What there is of a run. An index alone is what a deletion leaves that was cut short: it may go. */
export interface FoundPair {
  readonly stream: StreamName;
  readonly run: RunName;
  readonly mediaBytes: number | undefined;
  readonly indexBytes: number | undefined;
}

/** The runs among the files of one folder, and how many files are none of the archive's. */
export function pairFiles(files: Iterable<FoundFile>): { readonly runs: FoundPair[]; readonly foreign: number } {
  const pairs = new Map<string, FoundPair>();
  let foreign = 0;
  for (const { path, bytes } of files) {
    const file = parseRunPath(path);
    if (file === undefined) {
      foreign += 1;
      continue;
    }
    const { stream, run, kind } = file;
    const name = `${stream} ${formatRunName(run)}`;
    const pair = pairs.get(name) ?? { stream, run, mediaBytes: undefined, indexBytes: undefined };
    pairs.set(name, kind === 'media' ? { ...pair, mediaBytes: bytes } : { ...pair, indexBytes: bytes });
  }
  return { runs: [...pairs.values()], foreign };
}

/** A name says milliseconds, and the index of a run that was rebuilt has its start from there. */
const nameTolerance: Ticks = ticks(90);

/**
 * The last record of an index if it says all of a run and may be believed without a look at the rest: it was written when everything else
 * was on the disk, and it knows the recording by its start and length. `tail`: the last bytes of the index, as many as a record has.
 */
export function trustedClosing(tail: Uint8Array, run: RunName, mediaBytes: number): Closing | undefined {
  const closing = decodeClosing(tail);
  if (closing === undefined || closing.bytes !== mediaBytes) return undefined;
  return Math.abs(closing.start - run.startMs * 90) <= nameTolerance ? closing : undefined;
}
