import type { PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler } from '../../group/peer-service.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { after, between, millis, type UnixMicros } from '../../units/time.ts';
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

/** Between two tries with a peer that does not answer, or not with anything new; it may be down, or of another version, for days. */
const retryAfter = millis(5_000);

export interface EventSyncOptions {
  readonly self: ServerName;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly utc: () => UnixMicros;
  readonly client: () => Pick<PeerClient, 'call'>;
  /** An event that a peer told and this server did not know. */
  readonly onNews?: (event: JournalEvent) => void;
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

  /** The peers' side: answers with what the peer lacks, empty only when there was none for as long as it waits. */
  readonly handler: PeerHandler = async ({ body, gone }) => {
    const theirs = Known.parse((body as { readonly known?: unknown } | null)?.known);
    const { journal, clock } = this.#options;
    const enough = new AbortController();
    const cancel = clock.setTimer(after(clock.monotonic(), holdMs), () => enough.abort());
    const lacking = await this.#awaitLacking(theirs, gone, enough.signal);
    cancel();
    enough.abort();
    await journal.flushed();
    return { status: 200, body: { events: lacking.map(toWire) } };
  };

  async #awaitLacking(theirs: Known, gone: AbortSignal, enough: AbortSignal): Promise<JournalEvent[]> {
    const { journal, clock } = this.#options;
    const end = AbortSignal.any([gone, enough]);
    for (;;) {
      const last = end.aborted;
      // Asked before looking: what comes while the disk is read is news, too.
      const news = journal.changed(end);
      const lacking = await this.#lacking(theirs);
      if (lacking.length > 0 || last) return lacking;
      await news;
      // An event that only its origin may tell yet is news without being an answer.
      if (!gone.aborted) await clock.sleep(coalesceMs, gone).catch(() => undefined);
    }
  }

  #lacking(theirs: Known): Promise<JournalEvent[]> {
    const { self, journal, utc } = this.#options;
    const hearsay = utc() - hearsayAfterMicros;
    return journal.lacking(theirs, (event) => event.server === self || event.at <= hearsay);
  }

  async #pull(peer: ServerName, signal: AbortSignal): Promise<void> {
    const { journal, clock, client } = this.#options;
    while (!signal.aborted) {
      const body = { known: journal.known.toWire() };
      const askedAt = clock.monotonic();
      const outcome = await client().call({ peer, path: eventsPath, body, within: answerWithin, signal });
      const answered = outcome.ok && outcome.status === 200;
      if (answered && this.#take(outcome.body)) continue;
      // A held answer without news took its time; one that comes at once would come at once again.
      const spent = answered ? between(askedAt, clock.monotonic()) : 0;
      if (spent < retryAfter) await clock.sleep(millis(retryAfter - spent), signal).catch(() => undefined);
    }
  }

  /** Whether something in it was new. */
  #take(body: unknown): boolean {
    const events = (body as { readonly events?: unknown } | null)?.events;
    if (!Array.isArray(events)) return false;
    let learned = false;
    for (const value of events as unknown[]) {
      const event = parseEvent(value);
      // Its own events come back to a server whose disk lost them.
      if (event === undefined || !this.#options.journal.add(event)) continue;
      learned = true;
      this.#options.onNews?.(event);
    }
    return learned;
  }
}
