import type { Clock } from '../../units/clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import type { ReachPort } from '../ports/ports.ts';

/** A sign of life counts for so long. Short, for whoever is sent to a server that has frozen since may wait there for ever. */
const provenFor = millis(250);
/** Before a server that was silent, or refused, is asked again. */
const askAgain = millis(500);

/**
 * Whether a viewer who is sent to a server finds somebody there. A frozen process or a machine without power counts as alive until
 * `stale_timeout`, and players wait for its answer without end; so it is asked for a sign of life first, once for all viewers.
 */
export class Reach {
  readonly #port: ReachPort;
  readonly #clock: Clock;
  readonly #proven = new Map<ServerName, Instant>();
  readonly #silent = new Map<ServerName, Instant>();
  readonly #asking = new Map<ServerName, Promise<boolean>>();

  constructor(port: ReachPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
  }

  /** It has shown a sign of life just now. */
  isProven(server: ServerName): boolean {
    const at = this.#proven.get(server);
    return at !== undefined && this.#clock.monotonic() < after(at, provenFor);
  }

  /** Asks it, unless it is being asked already; whether it answered. A silent one is asked twice a second at most. */
  prove(server: ServerName): Promise<boolean> {
    const known = this.#asking.get(server);
    if (known !== undefined) return known;
    const asking = this.#ask(server);
    this.#asking.set(server, asking);
    return asking;
  }

  async #ask(server: ServerName): Promise<boolean> {
    const silentAt = this.#silent.get(server);
    if (silentAt !== undefined) await this.#pause(silentAt);
    const answers = await this.#port.answers(server);
    this.#asking.delete(server);
    const [kept, dropped] = answers ? [this.#proven, this.#silent] : [this.#silent, this.#proven];
    kept.set(server, this.#clock.monotonic());
    dropped.delete(server);
    return answers;
  }

  async #pause(silentAt: Instant): Promise<void> {
    const left = askAgain - between(silentAt, this.#clock.monotonic());
    if (left > 0) await this.#clock.sleep(millis(left));
  }
}
