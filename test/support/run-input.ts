import type { RunInput } from '../../src/capture/source/input.ts';
import type { SourceConfig } from '../../src/config/model/config.ts';
import { AppError } from '../../src/units/app-error.ts';
import { millis } from '../../src/units/time.ts';
import { CollectingSink } from './collecting-sink.ts';

/** Reads a source into a sink until `abort`. Nobody needs to wait for `ended`. */
export function runInput(input: RunInput, source: SourceConfig, timeoutMs = 5_000) {
  const sink = new CollectingSink();
  const controller = new AbortController();
  const ended = input({ source, sink, timeout: millis(timeoutMs), signal: controller.signal });
  ended.catch(() => {});
  return { sink, ended, abort: () => controller.abort() };
}

/** Why an input failed; throws when it did not, or not with an `AppError`. */
export async function errorOf(ended: Promise<void>): Promise<AppError> {
  const error = await ended.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${error}`);
  return error;
}
