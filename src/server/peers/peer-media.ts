import type { MediaStatus } from '../../api/ports.ts';
import type { PeerClient } from '../../group/peer-client.ts';
import type { Clock } from '../../units/clock.ts';
import { type ServerName, type StreamName, streamName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import { ageNow } from '../media/last-frames.ts';
import type { MediaReport } from '../media/media-board.ts';
import { parseReport } from './report-parser.ts';

export const mediaPath = '/peer/v1/media';

/** While somebody looks, the numbers of other servers' streams are about so old, */
const pollWhileWatched = millis(1_000);

/** and asking takes this part of the time at most, however many servers and streams there are. */
const busyAtMost = 1 / 2;

/** Nobody has asked for so long: nobody looks. */
const watchedFor = millis(20_000);

/** A frozen peer must not make the others' numbers old. */
const answerWithin = millis(1_000);

/** The pause between two questions, and a loaded peer's answer. */
const reportWithin = millis(2_000);

/** Older reports say nothing of now but when the last frame was seen: of a frozen server that is the news. */
const reportLifetime = millis(5_000);

/** Who looks for the first time waits for the peers' answers, so long at most. */
const firstLookWithin = millis(400);

interface Report {
  readonly at: Instant;
  readonly streams: MediaReport;
}

/** What the peers' captures look like. Asked for only while somebody reads the status, for it would cost more than the exchange itself. */
export class PeerMedia {
  readonly #client: () => PeerClient;
  readonly #clock: Clock;
  readonly #peers: () => readonly ServerName[];
  readonly #seen: (stream: StreamName, at: Instant) => void;
  readonly #reports = new Map<ServerName, Report>();
  readonly #closing = new AbortController();
  #watchedUntil: Instant;
  #polling = false;
  #round: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly client: () => PeerClient;
    readonly clock: Clock;
    /** Those that are not dead. */
    readonly peers: () => readonly ServerName[];
    /** A peer tells that the stream had a frame then. */
    readonly seen: (stream: StreamName, at: Instant) => void;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#peers = options.peers;
    this.#seen = options.seen;
    this.#watchedUntil = this.#clock.monotonic();
  }

  /** What the owner told last, ages moved to now; nothing when it told nothing since somebody looks. */
  get(owner: ServerName, stream: StreamName): MediaStatus | undefined {
    const report = this.#reports.get(owner);
    const media = report?.streams[stream]?.media;
    if (report === undefined || media === undefined) return undefined;
    const since = between(report.at, this.#clock.monotonic());
    const bitrateBps = since > reportLifetime ? undefined : media.bitrateBps;
    const { lastFrameAge: told } = media;
    return { ...media, bitrateBps, lastFrameAge: told && ageNow(told, since, reportWithin) };
  }

  /** Why a peer failed to capture the stream, as any of them tells. */
  error(stream: StreamName): string | undefined {
    const now = this.#clock.monotonic();
    for (const { at, streams } of this.#reports.values()) {
      const error = streams[stream]?.error;
      if (error !== undefined && between(at, now) <= reportLifetime) return error;
    }
    return undefined;
  }

  /** Somebody looks: resolves when the peers have been asked lately, or have had a moment to answer. */
  async fresh(): Promise<void> {
    if (this.#polling) return this.#watch();
    this.#watch();
    const enough = new AbortController();
    const tooLong = this.#clock.sleep(firstLookWithin, enough.signal).catch(() => undefined);
    await Promise.race([this.#round, tooLong]);
    enough.abort();
  }

  close(): void {
    this.#closing.abort();
  }

  #watch(): void {
    this.#watchedUntil = after(this.#clock.monotonic(), watchedFor);
    if (this.#polling) return;
    this.#polling = true;
    void this.#poll().finally(() => {
      this.#polling = false;
      // Whoever looks next could not tell a server that froze from one that nobody asked.
      this.#reports.clear();
    });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#clock.monotonic() < this.#watchedUntil) {
      const began = this.#clock.monotonic();
      const peers = this.#peers();
      for (const known of this.#reports.keys()) if (!peers.includes(known)) this.#reports.delete(known);
      this.#round = Promise.all(peers.map((peer) => this.#ask(peer)));
      await this.#round;
      const took = between(began, this.#clock.monotonic());
      const pause = millis(Math.max(pollWhileWatched, took / busyAtMost));
      await this.#clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #ask(peer: ServerName): Promise<void> {
    const outcome = await this.#client().call({
      peer,
      path: mediaPath,
      body: {},
      within: answerWithin,
      signal: this.#closing.signal,
    });
    if (!outcome.ok || outcome.status !== 200) return;
    const streams = parseReport(outcome.body);
    if (streams === undefined) return;
    const at = outcome.answeredAt;
    this.#reports.set(peer, { at, streams });
    for (const [stream, { media, lastFrameAge: age = media?.lastFrameAge }] of Object.entries(streams))
      if (age !== undefined) this.#seen(streamName(stream), after(at, millis(-age)));
  }
}
