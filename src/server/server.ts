import { listenAddress } from '../config/running/self.ts';
import { Scope } from '../units/scope.ts';
import { millis } from '../units/time.ts';
import { Composition } from './composition/composition.ts';
import { type Ground, openGround, type ServerOptions } from './composition/ground.ts';
import { keepLastEnds, upkeepOfEnds } from './composition/keep-ends.ts';
import type { Parts } from './composition/parts.ts';
import { lastViewersWait } from './operate/leave.ts';

/** A day's file of the journal is dropped within an hour of its time. */
const expireEvery = millis(3_600_000);

/** A running server: its life from opening to closing. What it is made of stands in `composition/`. */
export class Server {
  readonly #ground: Ground;
  readonly #parts: Parts;
  #hasLeft: () => void = () => {};

  /** Starts a server. Rejects with an `AppError` when its folder or its port can't be had, and has closed all again then. */
  static async open(options: ServerOptions): Promise<Server> {
    const scope = new Scope();
    try {
      let server: Server | undefined;
      // The workers tell nothing of captures before one is started.
      const ground = await openGround(options, scope, (fact) => {
        if (server === undefined) return;
        const { archive, media } = server.#parts;
        if (fact.type === 'archive-run' || fact.type === 'archive-dropped') archive.onFact(fact);
        else media.captures.onFact(fact);
      });
      server = new Server(ground);
      await server.#begin();
      return server;
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  private constructor(ground: Ground) {
    this.#ground = ground;
    this.#parts = new Composition(ground, () => this.#hasLeft());
  }

  /** Reads the configuration again; a bad file leaves the running one in force. */
  async reload(): Promise<void> {
    await this.#parts.reload.run();
  }

  /** Gives its streams away and says goodbye; resolves when the process may exit. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasLeft = resolve;
      this.#parts.group.post({ type: 'leave', linger: lastViewersWait(this.#ground.config.config.streams) });
    });
  }

  /** Closes everything at once, without a word to the peers. */
  close(): Promise<void> {
    return this.#ground.scope.close();
  }

  async #begin(): Promise<void> {
    const { scope, config, options } = this.#ground;
    const { media, ends, chronicle, group, sync, front, local, archive } = this.#parts;
    scope.defer(() => keepLastEnds(this.#ground, this.#parts));
    for (const part of [media, ends, chronicle, group, sync]) scope.defer(() => part.close());
    options.begins('its port');
    await front.listen(listenAddress(options.config, options.self));
    scope.defer(() => front.close());
    sync.follow(config.peers);
    local.follow(config.config.streams);
    scope.spawn((signal) => archive.run(signal), options.onFatal);
    scope.spawn((signal) => this.#expireEvents(signal), options.onFatal);
    scope.spawn((signal) => upkeepOfEnds(this.#ground, this.#parts, signal), options.onFatal);
    group.begin();
  }

  async #expireEvents(signal: AbortSignal): Promise<void> {
    const { journal, options } = this.#ground;
    for (;;) {
      await options.clock.sleep(expireEvery, signal);
      await journal.expire(this.#parts.media.clocks.utc());
    }
  }
}
