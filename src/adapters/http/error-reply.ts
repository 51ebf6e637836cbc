import { AppError, type ErrorCode, errorCodes } from '../../units/app-error.ts';
import type { Log } from '../../units/log.ts';

/** What a client is told of a failure. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: { readonly code: ErrorCode; readonly message: string; readonly detail?: unknown } };
}

/** Everything that is 503 passes by itself: a takeover, a handover, a burst. */
const retryAfterSeconds = '1';

/** Translates whatever a handler threw. Faults of the program are logged whole and told without a word of their content. */
export function errorReply(error: unknown, log: Log): ErrorReply {
  const known = asAppError(error);
  if (known.code === 'internal') log.error('request failed', { error: describe(error) });
  const { status } = errorCodes[known.code];
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': retryAfterSeconds } : {}),
      ...(known.code === 'method-not-allowed' ? { allow: String(known.detail.allow) } : {}),
      ...(status === 401 ? { 'www-authenticate': 'Basic realm="headwater", charset="UTF-8"' } : {}),
    },
    body: { error: { code: known.code, message: known.message, ...detailOf(known) } },
  };
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return new AppError('too-large', 'the request is too large', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError('bad-request', 'the request is not understood', { cause: error });
  }
  return new AppError('internal', 'a fault of this program; the log has more', { cause: error });
}

function detailOf(error: AppError): { readonly detail?: unknown } {
  const told = errorCodes[error.code].status < 500 && Object.keys(error.detail).length > 0;
  return told ? { detail: error.detail } : {};
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
