import type { PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler } from '../../group/peer-service.ts';
import { type ServerName, type StreamName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';

export const endsPath = '/peer/v1/ends';

/** A busy peer answers within this, or what was lost stays unknown. */
const answerWithin = millis(5_000);

export interface EndsOptions {
  readonly client: () => Pick<PeerClient, 'call'>;
  /** The end of what this process published last of the stream, 90 kHz UTC. */
  readonly own: (stream: StreamName) => Ticks | undefined;
  /** The end of what `server` published of it in the life before its present one, or before its death, as far as this server can know. */
  readonly ofPast: (stream: StreamName, server: ServerName) => Ticks | undefined;
}

/** Where each server's part of a stream's timeline ended, as that server tells for as long as its process lives: its window is gone long before. */
export class Ends {
  readonly #options: EndsOptions;
  readonly #closing = new AbortController();

  constructor(options: EndsOptions) {
    this.#options = options;
  }

  /**
   * The end of what that peer published last of the stream, as it tells itself or, when it lives anew, as this server knows; undefined when
   * that can't be known. Never rejects.
   */
  async at(peer: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    return (await this.#ask(peer, { stream })) ?? this.#options.ofPast(stream, peer);
  }

  /** The end of what this server published of it in its life before, as these peers know. Never rejects. */
  async ofOwnPast(stream: StreamName, peers: readonly ServerName[]): Promise<Ticks | undefined> {
    const told = await Promise.all(peers.map((peer) => this.#ask(peer, { stream, past: true })));
    const known = told.filter((end) => end !== undefined);
    return known.length === 0 ? undefined : ticks(Math.max(...known));
  }

  async #ask(
    peer: ServerName,
    body: { readonly stream: StreamName; readonly past?: true },
  ): Promise<Ticks | undefined> {
    const { signal } = this.#closing;
    const outcome = await this.#options.client().call({ peer, path: endsPath, body, within: answerWithin, signal });
    if (!outcome.ok || outcome.status !== 200) return undefined;
    const end = (outcome.body as { readonly end?: unknown } | null)?.end;
    return typeof end === 'number' && Number.isSafeInteger(end) ? ticks(end) : undefined;
  }

  /** The peers' side. */
  readonly handler: PeerHandler = ({ from, body }) => {
    const { stream, past } = (body ?? {}) as { readonly stream?: unknown; readonly past?: unknown };
    if (typeof stream !== 'string') return Promise.resolve({ status: 400, body: {} });
    const { own, ofPast } = this.#options;
    const end = past === true ? ofPast(streamName(stream), from) : own(streamName(stream));
    return Promise.resolve({ status: 200, body: { end: end ?? null } });
  };

  close(): void {
    this.#closing.abort();
  }
}
