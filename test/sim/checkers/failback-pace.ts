import type { StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';

const windowMs = 120_000;

/**
 * Hysteresis: a home that dies and returns again and again takes its streams back ever later. With a pause that doubles from
 * `failback_delay`, so many returns fit into the window; operators who drain and undrain, or move a pin, mean it.
 */
export const failbackPace: MakeChecker = (world) => {
  const returns = new Map<StreamName, number[]>();
  // The delays before the n-th return sum to (2ⁿ - 1) · failback_delay; the first may have waited before the window, and a
  // few flaps are free.
  const most = Math.ceil(Math.log2(windowMs / world.options.failbackDelayMs + 1)) + 2;

  return {
    observe(seen) {
      if (seen.type === 'drain' || seen.type === 'undrain' || seen.type === 'leave' || seen.type === 'config')
        returns.clear();
      if (seen.type !== 'start' || seen.cause !== 'returned') return;
      const { now } = world.schedule;
      const recent = (returns.get(seen.stream) ?? []).filter((at) => at > now - windowMs);
      recent.push(now);
      returns.set(seen.stream, recent);
      if (recent.length <= most) return;
      const text = `${seen.stream} was taken back ${recent.length} times within ${windowMs / 1000} s, ${most} are a pace that grows`;
      throw new Finding('failback-pace', text, { stream: seen.stream });
    },
  };
};
