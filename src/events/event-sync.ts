import type { PeerClient } from '../group/peer-client.ts';
import type { PeerHandler } from '../group/peer-service.ts';
import type { Clock } from '../units/clock.ts';
import type { ServerName } from '../units/ids.ts';
import { after, millis, type UnixMicros } from '../units/time.ts';
import type { Journal } from './journal.ts';
import { type JournalEvent, parseEvent, toWire } from './journal-event.ts';
import { Known } from './known.ts';

export const eventsPath = '/peer/v1/events';

/** A request for events waits so long at a peer that has nothing new. */
const holdMs = millis(25_000);
const answerWithin = millis(35_000);

/** Events come in bursts (a server dies with all its streams): one answer takes those of so long. */
const coalesceMs = millis(200);

/** An event is told by its origin at once, by others only when the origin has had so long to do it. */
const hearsayAfterMicros = 10_000_000;

/** Between two tries with a peer that does not answer; it may be down for days. */
const retryAfter = millis(5_000);

export interface EventSyncOptions {
  readonly self: ServerName;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly utc: () => UnixMicros;
  readonly client: () => PeerClient;
}

/** Keeps the journals of the group equal: each server asks each peer for what it lacks. */
export class EventSync {
  readonly #options: EventSyncOptions;
  readonly #loops = new Map<ServerName, AbortController>();

  constructor(options: EventSyncOptions) {
    this.#options = options;
  }

  /** Follows exactly these peers from now on. */
  follow(peers: readonly ServerName[]): void {
    for (const [peer, loop] of this.#loops) {
      if (peers.includes(peer)) continue;
      loop.abort();
      this.#loops.delete(peer);
    }
    for (const peer of peers) {
      if (this.#loops.has(peer)) continue;
      const loop = new AbortController();
      this.#loops.set(peer, loop);
      void this.#pull(peer, loop.signal);
    }
  }

  close(): void {
    this.follow([]);
  }

  /** The peers' side. */
  readonly handler: PeerHandler = async ({ body, gone }) => {
    const { journal, clock } = this.#options;
    const theirs = Known.parse((body as { readonly known?: unknown } | null)?.known);
    let lacking = await this.#lacking(theirs);
    if (lacking.length === 0) {
      await this.#news(gone);
      if (!gone.aborted) await clock.sleep(coalesceMs, gone).catch(() => undefined);
      lacking = await this.#lacking(theirs);
    }
    await journal.flushed();
    return { status: 200, body: { events: lacking.map(toWire) } };
  };

  #lacking(theirs: Known): Promise<JournalEvent[]> {
    const { self, journal, utc } = this.#options;
    const hearsay = utc() - hearsayAfterMicros;
    return journal.lacking(theirs, (event) => event.server === self || event.at <= hearsay);
  }

  #news(gone: AbortSignal): Promise<void> {
    const { journal, clock } = this.#options;
    const enough = new AbortController();
    const cancel = clock.setTimer(after(clock.monotonic(), holdMs), () => enough.abort());
    return journal.changed(AbortSignal.any([gone, enough.signal])).finally(cancel);
  }

  async #pull(peer: ServerName, signal: AbortSignal): Promise<void> {
    const { journal, clock, client } = this.#options;
    while (!signal.aborted) {
      const body = { known: journal.known.toWire() };
      const outcome = await client().call({ peer, path: eventsPath, body, within: answerWithin, signal });
      if (outcome.ok) this.#take(outcome.body);
      else await clock.sleep(retryAfter, signal).catch(() => undefined);
    }
  }

  #take(body: unknown): void {
    const { events } = body as { readonly events?: unknown };
    if (!Array.isArray(events)) return;
    for (const value of events as unknown[]) {
      const event = parseEvent(value);
      // Its own events come back to a server whose disk lost them.
      if (event !== undefined) this.#options.journal.add(event);
    }
  }
}
