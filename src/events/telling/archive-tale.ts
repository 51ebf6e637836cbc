import type { StreamName } from '../../units/ids.ts';
import type { Told } from './describe.ts';

/** Of a stream; 90 kHz UTC. */
interface Unrecorded {
  readonly stream: StreamName;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly why: string;
}

/** `why`: the system's word for it (`ENOSPC`), `slow`, or a sentence. */
export function archiveAway(root: string, why: string): Told {
  return {
    kind: 'archive-away',
    cause: causeOf(why),
    message: `the archive in ${root} takes nothing: ${wordsFor(why)}`,
  };
}

export function archiveBack(root: string): Told {
  return { kind: 'archive-back', message: `the archive in ${root} takes recordings again` };
}

export function notRecorded({ stream, from, to, seconds, why }: Unrecorded): Told {
  const [start, end] = [from, to].map((time) => new Date(time / 90).toISOString());
  return {
    kind: 'not-recorded',
    stream,
    cause: causeOf(why),
    message: `${seconds.toFixed(1)} s of ${stream} are not in the archive, from ${start} to ${end}: ${wordsFor(why)}`,
  };
}

/** Deleted for age, size or space before their home had them. */
export function takenUnreplicated(root: string, runs: readonly { readonly stream: StreamName }[]): Told {
  const streams = [...new Set(runs.map(({ stream }) => stream))];
  const whose = streams.length === 1 ? `of ${streams[0]}` : `of ${streams.length} streams`;
  const what = runs.length === 1 ? '1 recording' : `${runs.length} recordings`;
  return {
    kind: 'archive-lost',
    ...(streams.length === 1 && streams[0] !== undefined && { stream: streams[0] }),
    cause: 'retention',
    message: `retention took ${what} ${whose} in ${root} that the home does not have`,
  };
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EIO: 'the disk fails',
  EROFS: 'the disk is mounted read-only',
  EACCES: 'this user may not write there',
  slow: 'the disk takes less than comes, or stands still',
  unmounted: 'its marker is gone: its disk is not mounted, or was replaced',
};

function wordsFor(why: string): string {
  const known = words[why];
  return known === undefined ? why : known;
}

function causeOf(why: string): string {
  return /^[A-Za-z-]+$/.test(why) ? why : 'away';
}
