import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { RunName } from '../layout/run-name.ts';
import type { Span } from '../span/span.ts';
import type { ArchivedRun } from './archived-run.ts';
import { StreamRuns } from './stream-runs.ts';

/**
 * What one root of one server holds: its own recordings and the copies that it keeps. In memory alone; the files are the database, and a
 * start reads it from them.
 */
export class Catalogue {
  readonly #streams = new Map<StreamName, StreamRuns>();

  /** Those with a run. */
  get streams(): Iterable<StreamName> {
    return this.#streams.keys();
  }

  /** Of a stream without a recording, empty. */
  of(stream: StreamName): StreamRuns {
    return this.#streams.get(stream) ?? new StreamRuns();
  }

  /** A run was found, begun, or copied; or more is known of it. */
  put(stream: StreamName, run: ArchivedRun): void {
    const runs = this.#streams.get(stream) ?? new StreamRuns();
    this.#streams.set(stream, runs);
    runs.put(run);
  }

  /** More of an open run is recorded; `bytes`: of all of it. */
  grow(stream: StreamName, name: RunName, to: { readonly end: Ticks; readonly bytes: number }): void {
    const runs = this.#streams.get(stream);
    const run = runs?.get(name);
    if (run !== undefined) runs?.put({ ...run, ...to });
  }

  /** Its files are gone. */
  remove(stream: StreamName, name: RunName): void {
    const runs = this.#streams.get(stream);
    runs?.remove(name);
    if (runs?.all.length === 0) this.#streams.delete(stream);
  }

  overlapping(stream: StreamName, span: Span): ArchivedRun[] {
    return this.#streams.get(stream)?.overlapping(span) ?? [];
  }
}
