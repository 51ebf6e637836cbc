import { Counter, Gauge, type Registry } from 'prom-client';

/** What this server records into one root, at the moment of a scrape. */
export interface ArchiveFigures {
  /** The folder. */
  readonly root: string;
  /** It is there, and takes what comes. */
  readonly open: boolean;
  readonly runs: number;
  /** Of all recordings in it. */
  readonly bytes: number;
  /** UTC; absent when nothing is recorded. */
  readonly oldestSeconds: number | undefined;
  /** Captured, and not in the archive. */
  readonly droppedSeconds: number;
  /** On its disk; absent until it was seen. */
  readonly freeBytes: number | undefined;
}

interface Line {
  readonly name: string;
  readonly help: string;
  readonly value: (figures: ArchiveFigures) => number | undefined;
}

const gauges: readonly Line[] = [
  {
    name: 'headwater_archive_available_info',
    help: '1: the archive takes what comes; 0: its disk is full, fails, stands still, or is not mounted.',
    value: ({ open }) => Number(open),
  },
  { name: 'headwater_archive_recordings', help: 'Recordings that lie in it.', value: ({ runs }) => runs },
  { name: 'headwater_archive_size_bytes', help: 'Their size.', value: ({ bytes }) => bytes },
  {
    name: 'headwater_archive_free_bytes',
    help: 'Free space on its disk, as of ten seconds ago at most.',
    value: ({ freeBytes }) => freeBytes,
  },
  {
    name: 'headwater_archive_oldest_seconds',
    help: 'When its oldest recording begins, seconds since 1970.',
    value: ({ oldestSeconds }) => oldestSeconds,
  },
];

/** Returns what is to be called before each scrape. */
export function registerArchiveMetrics(registry: Registry, figures: () => readonly ArchiveFigures[]): () => void {
  const labelNames = ['root'] as const;
  const registers = [registry];
  const made = gauges.map(({ name, help, value }) => ({
    gauge: new Gauge({ name, help, labelNames, registers }),
    value,
  }));
  const dropped = new Counter({
    name: 'headwater_archive_dropped_seconds_total',
    help: 'Captured, and not recorded.',
    labelNames,
    registers,
  });
  return () => {
    const all = figures();
    dropped.reset();
    for (const { root, droppedSeconds } of all) dropped.inc({ root }, droppedSeconds);
    for (const { gauge, value } of made) {
      gauge.reset();
      for (const one of all) {
        const now = value(one);
        if (now !== undefined) gauge.set({ root: one.root }, now);
      }
    }
  };
}
