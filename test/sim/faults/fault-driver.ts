import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Fault, FaultKind } from './fault-kind.ts';
import { faultKinds } from './fault-kinds.ts';

/** Lets the kinds of fault that the world's options name strike at random until it is healed. */
export class FaultDriver {
  readonly #world: World;
  readonly #current = new Set<Fault>();
  #healed = false;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    for (const kind of faultKinds) {
      const meanMs = this.#world.options.faults[kind.name];
      if (meanMs !== undefined) this.#next(kind, meanMs, this.#world.random.fork(`fault/${kind.name}`));
    }
  }

  /** All is made right: every machine runs the operator's file, nothing is frozen, slow, drained, cut or dead. */
  heal(): void {
    this.#healed = true;
    for (const fault of this.#current) this.#end(fault);
    const config = this.#world.configuration.current();
    const spare = this.#world.server(this.#world.configuration.spare);
    if (!this.#world.configuration.hasSpare()) spare.kill();
    for (const server of this.#world.servers) {
      server.occupied = false;
      if (server.lagMs > 0) server.slow(0);
      server.thaw();
      if (server.config.digest !== config.digest) server.reload(config);
    }
    for (const server of this.#world.members()) {
      if (server.leaving) server.kill();
      if (server.process === undefined) server.powerOn();
      else if (server.draining) server.undrain();
    }
    this.#world.configChanged();
    this.#world.trace.say('-- all faults end');
  }

  #next(kind: FaultKind, meanMs: number, random: Random): void {
    this.#world.schedule.in(random.exponential(meanMs), () => {
      if (this.#healed) return;
      const fault = kind.strike(this.#world, random);
      if (fault !== undefined) this.#struck(fault);
      this.#next(kind, meanMs, random);
    });
  }

  #struck(fault: Fault): void {
    this.#world.trace.say(`-- ${fault.text}`);
    this.#world.disturb();
    this.#current.add(fault);
    this.#world.schedule.in(fault.lastsMs, () => this.#end(fault));
  }

  #end(fault: Fault): void {
    if (!this.#current.delete(fault)) return;
    if (fault.lastsMs > 0) this.#world.trace.say(`-- over: ${fault.text}`);
    this.#world.disturb();
    fault.end();
  }
}
