import type { Clock } from '../../units/clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import type { GroupPort, ReachPort } from '../ports/ports.ts';

/** A sign of life counts for so long. Short, for whoever is sent to a server that has frozen since may wait there for ever. */
const knownFor = millis(250);
/** Before a server that nobody reached is asked for again. */
const askAgain = millis(500);
/** So many others are asked at a time whether they reach a server: a firewall rarely has holes in one place only. */
const othersAsked = 3;

/**
 * Whether a viewer who is sent to a server finds somebody there, and whom to send the viewer to. A frozen process or a machine without power
 * counts as alive until `stale_timeout`, and players wait for its answer without end; so it is asked for a sign of life first, once for all
 * viewers. One that is silent only here, behind a firewall, is reached by way of another server that hears it.
 */
export class Reach {
  readonly #port: ReachPort;
  readonly #group: Pick<GroupPort, 'self' | 'liveServers'>;
  readonly #clock: Clock;
  /** Who reached a server last: itself, or another. */
  readonly #ways = new Map<ServerName, { readonly by: ServerName; readonly at: Instant }>();
  readonly #inVain = new Map<ServerName, Instant>();
  readonly #finding = new Map<ServerName, Promise<ServerName | undefined>>();
  /** Questions on their way to the servers themselves, whose answer may take long. */
  readonly #asked = new Map<ServerName, Promise<boolean>>();
  /** Did not answer this server when it was asked last. */
  readonly #silent = new Set<ServerName>();
  #turn = 0;

  constructor(port: ReachPort, group: Pick<GroupPort, 'self' | 'liveServers'>, clock: Clock) {
    this.#port = port;
    this.#group = group;
    this.#clock = clock;
  }

  /** Whom to send a viewer to for what `server` has: itself, or who reaches it; absent when there was no sign of life just now. */
  known(server: ServerName): ServerName | undefined {
    const way = this.#ways.get(server);
    return way !== undefined && this.#clock.monotonic() < after(way.at, knownFor) ? way.by : undefined;
  }

  /** The same, asked for now; absent when nobody answers. A server that nobody reaches is asked for twice a second at most. */
  find(server: ServerName): Promise<ServerName | undefined> {
    const known = this.#finding.get(server);
    if (known !== undefined) return known;
    const finding = this.#find(server);
    this.#finding.set(server, finding);
    return finding;
  }

  async #find(server: ServerName): Promise<ServerName | undefined> {
    const vainAt = this.#inVain.get(server);
    if (vainAt !== undefined) await this.#pause(vainAt);
    const by = await this.#ask(server);
    this.#finding.delete(server);
    if (by === undefined) {
      this.#inVain.set(server, this.#clock.monotonic());
      this.#ways.delete(server);
      this.#turn += othersAsked;
    } else {
      this.#inVain.delete(server);
      this.#ways.set(server, { by, at: this.#clock.monotonic() });
    }
    return by;
  }

  /** Straight first; of a server that was silent the last time nobody waits for the answer before others are asked. */
  async #ask(server: ServerName): Promise<ServerName | undefined> {
    const wasSilent = this.#silent.has(server);
    const straight = this.#askStraight(server).then((answers) => (answers ? server : undefined));
    if (!wasSilent && (await straight) === server) return server;
    const byOthers = this.#othersFor(server).map(async (by) =>
      (await this.#port.answers(server, by)) ? by : undefined,
    );
    return first([straight, ...byOthers]);
  }

  #askStraight(server: ServerName): Promise<boolean> {
    const known = this.#asked.get(server);
    if (known !== undefined) return known;
    const asked = this.#port.answers(server).then((answers) => {
      this.#asked.delete(server);
      if (answers) this.#silent.delete(server);
      else this.#silent.add(server);
      return answers;
    });
    this.#asked.set(server, asked);
    return asked;
  }

  /** In turn, but the one that helped last before all. */
  #othersFor(server: ServerName): ServerName[] {
    const group = this.#group;
    const others = group.liveServers().filter((other) => other !== group.self && other !== server);
    const start = others.length === 0 ? 0 : this.#turn % others.length;
    const inTurn = [...others.slice(start), ...others.slice(0, start)];
    const last = this.#ways.get(server)?.by;
    const ordered = last !== undefined && others.includes(last) ? [last, ...inTurn.filter((s) => s !== last)] : inTurn;
    return ordered.slice(0, othersAsked);
  }

  async #pause(vainAt: Instant): Promise<void> {
    const left = askAgain - between(vainAt, this.#clock.monotonic());
    if (left > 0) await this.#clock.sleep(millis(left));
  }
}

/** The first that leads anywhere. */
function first(ways: readonly Promise<ServerName | undefined>[]): Promise<ServerName | undefined> {
  const found = ways.map(async (way) => (await way) ?? Promise.reject(new Error('not by this way')));
  return Promise.any(found).catch(() => undefined);
}
