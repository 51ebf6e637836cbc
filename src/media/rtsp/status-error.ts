// RFC 2326 clause 7.1.1 and RFC 9110 clause 15: the status codes of RTSP are those of HTTP and some of its own.
import { AppError, type ErrorCode } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';

/** What a status that is no success says about a source; `undefined` for one that is. */
export function statusError(status: number, url: string): AppError | undefined {
  if (status >= 200 && status < 300) return undefined;
  return new AppError(codeOf(status), `${maskUrl(url)} answers ${status}`, { detail: { status } });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403 || status === 407) return 'source-unauthorized';
  if (status === 404 || status === 410) return 'source-not-found';
  // Not Acceptable, Unsupported Media Type, Unsupported Transport.
  if (status === 406 || status === 415 || status === 461) return 'source-unsupported';
  // 453 Not Enough Bandwidth is what cameras say whose connections are all taken.
  if (status === 453 || status === 429 || status >= 500) return 'source-busy';
  return 'source-protocol';
}
