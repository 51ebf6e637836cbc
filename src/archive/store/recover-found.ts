import type { ServerName } from '../../units/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import type { FoundPair } from '../recovery/found-files.ts';
import type { Checksums } from '../recovery/recovery.ts';
import { readRun } from './read-day.ts';
import { type Decided, examine, mend, recoveredRun } from './recover.ts';

export interface RecoverPorts {
  readonly disk: ArchiveDisk;
  readonly catalogue: Catalogue;
  readonly checksums: Checksums;
  /** This server, which records nothing yet: what it has not ended was left by an earlier life. */
  readonly server: ServerName;
}

/** `elsewhere`: another server's; it may be recording it now, if two share the folder. */
export interface Recovered {
  readonly found: FoundPair;
  readonly outcome: Decided | { readonly kind: 'elsewhere' } | { readonly kind: 'failed'; readonly error: unknown };
}

/**
 * After a start: ends what this server's earlier lives left, newest first, and enters it in the catalogue. What others left is entered as far as
 * its index goes, and not touched. Never rejects.
 */
export async function* recoverFound(
  unfinished: readonly FoundPair[],
  ports: RecoverPorts,
): AsyncGenerator<Recovered, void> {
  const newestFirst = unfinished.toSorted((a, b) => b.run.startMs - a.run.startMs);
  for (const found of newestFirst) {
    const outcome = await recoverOne(found, ports).catch((error: unknown) => ({ kind: 'failed' as const, error }));
    yield { found, outcome };
  }
}

async function recoverOne(
  found: FoundPair,
  { disk, catalogue, checksums, server }: RecoverPorts,
): Promise<Recovered['outcome']> {
  if (found.run.server !== server) {
    const run = found.mediaBytes === undefined ? undefined : await readRun(disk, found.stream, found.run);
    if (run !== undefined) catalogue.put(found.stream, run);
    return { kind: 'elsewhere' };
  }
  const decided = await examine(disk, found, checksums);
  await mend(disk, found, decided);
  const run = recoveredRun(found.run, decided);
  if (run !== undefined) catalogue.put(found.stream, run);
  return decided;
}
