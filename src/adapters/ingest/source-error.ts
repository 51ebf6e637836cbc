import { AppError, type ErrorCode } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';

const bySystemCode: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'source-refused',
  ENOTFOUND: 'source-unreachable',
  EAI_AGAIN: 'source-unreachable',
  EHOSTUNREACH: 'source-unreachable',
  ENETUNREACH: 'source-unreachable',
  EADDRNOTAVAIL: 'source-unreachable',
  ETIMEDOUT: 'source-unreachable',
  ENOENT: 'source-not-found',
  EISDIR: 'source-not-found',
  EACCES: 'source-unauthorized',
};

/** What went wrong with the system's sockets and files, in this project's words. An `AppError` stays what it is. */
export function sourceError(cause: unknown, url: string): AppError {
  if (cause instanceof AppError) return cause;
  const code = systemCode(cause);
  // A parser's error of a socket, such as HPE_INVALID_CONSTANT of Node's HTTP client.
  if (code.startsWith('HPE_')) return new AppError('source-protocol', `${maskUrl(url)} does not speak HTTP`, { cause });
  return new AppError(bySystemCode[code] ?? 'source-closed', `${maskUrl(url)}: ${code}`, { cause });
}

/** What a status of HTTP or RTSP that is no success says; `undefined` for one that is. */
export function statusError(status: number, url: string): AppError | undefined {
  if (status >= 200 && status < 300) return undefined;
  return new AppError(codeOfStatus(status), `${maskUrl(url)} answers ${status}`, { detail: { status } });
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403 || status === 407) return 'source-unauthorized';
  if (status === 404 || status === 410) return 'source-not-found';
  if (status === 461 || status === 406 || status === 415) return 'source-unsupported';
  // 453 Not Enough Bandwidth is what cameras say whose connections are all taken.
  if (status === 453 || status === 429 || status >= 500) return 'source-busy';
  return 'source-protocol';
}

function systemCode(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string') {
    return cause.code;
  }
  // With several addresses Node tries all of them and throws what each said.
  if (cause instanceof AggregateError) return systemCode(cause.errors[0]);
  return 'connection lost';
}
