import { bounds } from '../../src/cluster/step/bounds.ts';
import { lookEveryMs } from './checkers/checker.ts';
import { checkers } from './checkers/checkers.ts';
import { converge, notYetHome, notYetOnce, staysQuiet } from './convergence.ts';
import { cut } from './cut.ts';
import { FaultDriver } from './faults/fault-driver.ts';
import { Finding } from './finding.ts';
import type { WorldOptions } from './options.ts';
import { promisesOf } from './promises.ts';
import type { CreateCore } from './server/sim-process.ts';
import { World } from './world.ts';

export interface Verdict {
  /** Equal for equal worlds, event for event. */
  readonly hash: string;
  readonly simulatedMs: number;
  readonly finding: Finding | undefined;
  /** The story that led to the finding. */
  readonly recent: readonly string[];
}

/** The servers of a group are started within this, by hand or by a power cut's end. */
const startWithinMs = 2000;

/** One world from its beginning to its end, or to the first finding. */
export function runWorld(options: WorldOptions, createCore: CreateCore, print?: (line: string) => void): Verdict {
  const world = new World(options, createCore, print);
  try {
    live(world);
    return { hash: world.trace.hash, simulatedMs: world.schedule.now, finding: undefined, recent: [] };
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const { now } = world.schedule;
    return { hash: world.trace.hash, simulatedMs: now, finding: error, recent: world.trace.recent(error.about) };
  }
}

/** Start together; faults (safety); heal (liveness); one clean cut (the promised times); heal again. */
function live(world: World): void {
  const { options, schedule } = world;
  const promises = promisesOf(options);
  guard(world);

  const starts = world.random.fork('starts');
  for (const server of world.members()) schedule.in(starts.between(0, startWithinMs), () => server.boot());
  schedule.run(startWithinMs);
  converge(world, 'each stream captured once after the start', promises.capturedOnceMs, notYetOnce);
  // Who settles too early takes what is not its own. Booting takes some six round trips; the grace must have room for them.
  const strayed = notYetHome(world);
  if (strayed !== undefined && promises.roundTripMs * 6 < bounds.graceForReturning)
    throw new Finding('convergence', `after a start together, ${strayed}`);

  const faults = new FaultDriver(world);
  faults.begin();
  schedule.run(schedule.now + options.faultsMs);
  faults.heal();
  healed(world);

  const victim = world.random.fork('cut').pick(world.members());
  cut(world, victim, promises.silenceMs + promises.overlapMs);
  healed(world);
}

function healed(world: World): void {
  const promises = promisesOf(world.options);
  const heardAgainAt = world.schedule.now + promises.newsMs;
  converge(world, 'each stream captured once', promises.capturedOnceMs, notYetOnce);
  converge(world, 'each stream at its home', promises.allHomeMs, notYetHome);
  // Until its first word has come through, a server that was cut off may still be called dead.
  if (world.schedule.now < heardAgainAt) {
    world.schedule.run(heardAgainAt);
    converge(world, 'still, or again', promises.allHomeMs, notYetHome);
  }
  staysQuiet(world);
}

function guard(world: World): void {
  const promises = promisesOf(world.options);
  const running = checkers.map((make) => make(world, promises));
  world.watch((observation) => {
    for (const checker of running) checker.observe?.(observation);
  });
  const look = (): void => {
    for (const checker of running) checker.look?.(world.schedule.now);
    world.schedule.in(lookEveryMs, look);
  };
  look();
}
