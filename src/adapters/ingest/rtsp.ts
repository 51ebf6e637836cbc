import type { RunInput } from '../../capture/input.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';

export function rtspInput(_clock: Clock): RunInput {
  return async () => {
    throw new AppError('source-unsupported', 'RTSP is not read yet');
  };
}
