import type { PeerClient } from '../group/peer-client.ts';
import type { PeerHandler } from '../group/peer-service.ts';
import { type ServerName, type StreamName, streamName } from '../units/ids.ts';
import { type Ticks, ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';

export const endsPath = '/peer/v1/ends';

/** A busy peer answers within this, or what was lost stays unknown. */
const answerWithin = millis(5_000);

export interface EndsOptions {
  readonly client: () => Pick<PeerClient, 'call'>;
  /** The end of what this process published last of the stream, 90 kHz UTC. */
  readonly own: (stream: StreamName) => Ticks | undefined;
}

/** Where each server's part of a stream's timeline ended, as that server tells for as long as its process lives: its window is gone long before. */
export class Ends {
  readonly #options: EndsOptions;
  readonly #closing = new AbortController();

  constructor(options: EndsOptions) {
    this.#options = options;
  }

  /** The end of what that peer published last of the stream; undefined when it knows of none or does not answer. Never rejects. */
  async at(peer: ServerName, stream: StreamName): Promise<Ticks | undefined> {
    const { signal } = this.#closing;
    const body = { stream };
    const outcome = await this.#options.client().call({ peer, path: endsPath, body, within: answerWithin, signal });
    if (!outcome.ok || outcome.status !== 200) return undefined;
    const end = (outcome.body as { readonly end?: unknown } | null)?.end;
    return typeof end === 'number' && Number.isSafeInteger(end) ? ticks(end) : undefined;
  }

  /** The peers' side. */
  readonly handler: PeerHandler = ({ body }) => {
    const stream = (body as { readonly stream?: unknown } | null)?.stream;
    if (typeof stream !== 'string') return Promise.resolve({ status: 400, body: {} });
    return Promise.resolve({ status: 200, body: { end: this.#options.own(streamName(stream)) ?? null } });
  };

  close(): void {
    this.#closing.abort();
  }
}
