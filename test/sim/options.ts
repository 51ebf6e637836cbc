import { type CutKind, cutKinds } from './cut.ts';
import { faultKinds } from './faults/fault-kinds.ts';
import type { MediaOptions } from './media/input.ts';
import type { NetworkOptions } from './network/sim-network.ts';
import { Random } from './random.ts';

/** Everything that tells one world from another. Drawn from the seed, printed with it. */
export interface WorldOptions {
  readonly seed: number;
  readonly servers: number;
  readonly streams: number;
  readonly fetchMs: number;
  readonly staleMs: number;
  readonly failbackDelayMs: number;
  readonly sourceTimeoutMs: number;
  readonly handovers: number;
  readonly partition: 'capture' | 'majority';
  readonly weights: 'equal' | 'mixed';
  /** The share of streams with `capture_at`, with `handover=break`, and of seamless ones whose camera takes one connection after all. */
  readonly pinned: number;
  readonly breaks: number;
  readonly mislabelled: number;
  readonly cameraHoldMs: number;
  readonly firstFrameMs: readonly [number, number];
  /** Clocks run up to this much too fast or too slow, as a share. */
  readonly drift: number;
  readonly network: NetworkOptions;
  readonly media: MediaOptions;
  /** Mean time between two faults of a kind; a kind that isn't there doesn't happen. */
  readonly faults: Readonly<Record<string, number>>;
  readonly faultsMs: number;
  /** What is done to one server of the healed group, with nothing else wrong. */
  readonly cut: CutKind;
}

/** What the command line may fix. */
export interface Fixed {
  readonly servers?: number | undefined;
  readonly streams?: number | undefined;
}

/** Swarm testing: each world has a random few kinds of fault, for all at once hide what some alone would show. */
const kindChance = 0.25;

export function drawOptions(seed: number, fixed: Fixed = {}): WorldOptions {
  const random = new Random(`${seed}`).fork('options');
  const servers = fixed.servers ?? random.pick([2, 3, 3, 3, 4, 4, 5, 6, 7]);
  const staleMs = random.pick([4000, 6000, 10_000, 10_000]);
  const segmentMs = random.pick([1000, 2000, 2000, 4000]);
  const sourceTimeoutMs = random.pick([4000, 10_000]);
  const draw = {
    streams: fixed.streams ?? random.whole(servers, 8 * servers),
    // At least three fetches fit into stale_timeout, as `check` demands.
    fetchMs: Math.round(staleMs / random.between(3.2, 6)),
    failbackDelayMs: random.pick([1000, 5000, 5000]),
    sourceTimeoutMs,
    handovers: random.pick([1, 3, 5, 5]),
    weights: random.chance(0.2) ? 'mixed' : 'equal',
    pinned: random.pick([0, 0, 0.2]),
    breaks: random.pick([0, 0, 0.3, 1]),
    mislabelled: random.pick([0, 0, 0, 0.2]),
    partition: servers > 2 && random.chance(0.2) ? 'majority' : 'capture',
    cameraHoldMs: random.pick([2000, 5000, 15_000]),
    // At most half of what their owners wait for them, so that nothing fails in a whole world.
    firstFrameMs: random.pick([
      [0, 300],
      [50, Math.min(segmentMs, sourceTimeoutMs / 2)],
    ] as const),
    drift: random.pick([0, 0.0001, 0.001]),
    network: {
      delayMs: random.pick([
        [0.1, 1],
        [0.1, 1],
        [0.5, 15],
        [5, 60],
      ] as const),
      jitterMs: random.pick([0.1, 1, 4]),
      loss: random.pick([0, 0, 0, 0.001, 0.01]),
    },
    media: {
      connectMs: random.pick([
        [5, 50],
        [20, 400],
      ] as const),
      adoptMs: [50, 2 * segmentMs],
      closeMs: random.pick([
        [1, 20],
        [10, 200],
      ] as const),
      replaceMs: random.pick([5100, 6100, 8200]),
    },
    faultsMs: Math.round(random.logBetween(20_000, 120_000)),
    cut: random.pick(cutKinds),
  } as const;
  return { seed, servers, staleMs, faults: drawFaults(random), ...draw };
}

function drawFaults(random: Random): Record<string, number> {
  const chosen: Record<string, number> = {};
  for (const kind of faultKinds) {
    const meanMs = Math.round(random.logBetween(...kind.everyMs));
    if (random.chance(kindChance)) chosen[kind.name] = meanMs;
  }
  return chosen;
}

/** One line a group of options, always in the same words. */
export function printOptions(options: WorldOptions): string[] {
  const { seed, faults, ...rest } = options;
  const words = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const kinds = Object.entries(faults).map(([name, meanMs]) => `${name}~${meanMs}ms`);
  return [`seed ${seed}  ${words.join(' ')}`, `  faults ${kinds.length > 0 ? kinds.join(' ') : 'none'}`];
}
