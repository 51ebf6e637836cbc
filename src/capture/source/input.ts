import type { SourceConfig } from '../../config/model/config.ts';
import type { MediaSink } from '../../media/track.ts';
import type { Millis } from '../../units/time.ts';

/** One connection to one source. The port that every protocol of `adapters/ingest/` implements. */
export interface InputRequest {
  readonly source: SourceConfig;
  readonly sink: MediaSink;
  /** Bounds each step until media flows; the owner's watchdog does the rest. */
  readonly timeout: Millis;
  readonly signal: AbortSignal;
}

/**
 * Reads the source into the sink until it ends, fails or is aborted, then has closed the connection.
 * Rejects with an `AppError` `source-…` whose message holds no credentials; resolves only when aborted.
 */
export type RunInput = (request: InputRequest) => Promise<void>;
