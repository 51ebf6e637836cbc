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

function systemCode(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string') {
    return cause.code;
  }
  // With several addresses Node tries all of them and throws what each said.
  if (cause instanceof AggregateError) return systemCode(cause.errors[0]);
  return 'connection lost';
}
