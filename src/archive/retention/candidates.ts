import type { StreamName } from '../../units/ids.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';

/** What one root holds of a stream, and for how long. */
export interface KeptStream {
  readonly stream: StreamName;
  /** Oldest first, and the sum of their bytes. */
  readonly runs: { readonly all: readonly ArchivedRun[]; readonly bytes: number };
  /** 90 kHz; absent: no run is too old. */
  readonly mostAge: number | undefined;
  readonly mostBytes: number | undefined;
  /** It is being played or copied now, for as long as that is bounded (holds.ts). */
  readonly isHeld: (run: ArchivedRun) => boolean;
  /** Its home does not have it yet. */
  readonly isUnreplicated: (run: ArchivedRun) => boolean;
}

/** A run that may be deleted. */
export interface Candidate {
  readonly kept: KeptStream;
  readonly run: ArchivedRun;
}

/** Oldest first: all but the newest, and what is recorded or held. */
export function* candidatesOf(kept: KeptStream): Generator<Candidate> {
  const { all } = kept.runs;
  for (let i = 0; i < all.length - 1; i++) {
    const run = all[i];
    if (run !== undefined && !run.open && !kept.isHeld(run)) yield { kept, run };
  }
}

/** Those of all streams, by their ends. */
export function* oldestFirst(streams: readonly KeptStream[]): Generator<Candidate> {
  const queues = streams.map((kept) => ({ rest: candidatesOf(kept), head: undefined as Candidate | undefined }));
  for (const queue of queues) queue.head = queue.rest.next().value ?? undefined;
  for (;;) {
    let oldest: (typeof queues)[number] | undefined;
    for (const queue of queues) {
      if ((queue.head?.run.end ?? Number.POSITIVE_INFINITY) < (oldest?.head?.run.end ?? Number.POSITIVE_INFINITY)) {
        oldest = queue;
      }
    }
    if (oldest?.head === undefined) return;
    yield oldest.head;
    oldest.head = oldest.rest.next().value ?? undefined;
  }
}
