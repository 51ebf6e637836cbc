import { Finding } from './finding.ts';
import type { World } from './world.ts';

/** How long a converged group must stay as it is: longer than any of its periods but the rarest. */
const quietMs = 15_000;

/** What still keeps the world from "each stream captured once", or undefined. Views must agree too. */
export function notYetOnce(world: World): string | undefined {
  for (const stream of world.streams()) {
    if (world.isMislabelled(stream) === 'hopeless') continue;
    const capturers = world.capturers(stream);
    const attempters = world.attempters(stream);
    if (capturers.size !== 1 || attempters.length !== 1) {
      const trying = attempters.map((server) => server.name).join(', ');
      return `${stream} is captured by ${[...capturers].join(', ') || 'nobody'} and tried by ${trying || 'nobody'}`;
    }
    const [owner] = capturers;
    const other = world.members().find((server) => server.process?.core.owner(stream) !== owner);
    if (other !== undefined) {
      return `${stream} is captured by ${owner}, but ${other.name} thinks by ${other.process?.core.owner(stream)}`;
    }
  }
  return world.members().flatMap(({ process, clock, name }) => {
    const bad = process?.core.servers(clock.now()).find((view) => view.state !== 'alive');
    return bad === undefined ? [] : [`${name} thinks that ${bad.name} is ${bad.state}`];
  })[0];
}

/** The same for "each at its home". */
export function notYetHome(world: World): string | undefined {
  const once = notYetOnce(world);
  if (once !== undefined) return once;
  for (const name of world.streams()) {
    if (world.isMislabelled(name) !== 'no') continue;
    const [capturer] = world.capturers(name);
    const home = capturer === undefined ? undefined : world.server(capturer).process?.core.home(name);
    if (capturer !== home) return `${name} is captured by ${capturer}, not by its home ${home}`;
  }
  return undefined;
}

/** Runs until `lacking` finds nothing, `boundMs` at most. */
export function converge(
  world: World,
  goal: string,
  boundMs: number,
  lacking: (world: World) => string | undefined,
): void {
  const end = world.schedule.now + boundMs;
  while (world.schedule.now < end) {
    world.schedule.run(Math.min(end, world.schedule.now + 250));
    if (lacking(world) === undefined) {
      world.trace.say(`-- ${goal}`);
      return;
    }
  }
  throw new Finding('convergence', `not ${goal} within ${Math.round(boundMs)} ms: ${lacking(world)}`, {
    stream: world.streams().find((stream) => lacking(world)?.startsWith(`${stream} `)),
  });
}

/** A group in which nothing is wrong does nothing. */
export function staysQuiet(world: World): void {
  const before = world.restless;
  world.schedule.run(world.schedule.now + quietMs);
  if (world.restless !== before) {
    throw new Finding('convergence', `${world.restless - before} captures began or ended though nothing happened`);
  }
}
