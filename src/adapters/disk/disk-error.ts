import { AppError } from '../../units/app-error.ts';

/** The system's word for what went wrong (errno(3)). */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

export function diskFailed(path: string, cause: unknown): AppError {
  const code = codeOf(cause);
  return new AppError('disk-failed', `${code ?? 'an error'} at ${path}`, { cause, detail: { code, path } });
}

/** What the job gives; undefined when it fails because there is nothing of that name. */
export async function ifThere<T>(path: string, job: Promise<T>): Promise<T | undefined> {
  try {
    return await job;
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '')) return undefined;
    throw diskFailed(path, cause);
  }
}

export async function orDiskFailed<T>(path: string, job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (cause) {
    throw diskFailed(path, cause);
  }
}
