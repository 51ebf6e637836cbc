import type { PeerClient } from '../../group/peer-client.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';

/** A busy peer answers within this, or what was lost stays unknown. */
const answerWithin = millis(5_000);

/** Streams begin, and are taken over, one by one within a moment: one question to each peer asks for those of so long. */
const gatherFor = millis(200);

export interface Question {
  readonly path: string;
  /** The server that it is about; absent: each that is asked. */
  readonly of?: ServerName;
  /** Who is asked, when it is. */
  readonly to: () => readonly ServerName[];
}

/** What each peer that answered says of the streams that it was asked for. */
export type Answers = ReadonlyMap<ServerName, Readonly<Record<string, unknown>>>;

export interface QuestionsOptions {
  readonly clock: Clock;
  readonly client: () => Pick<PeerClient, 'call'>;
}

/** Asks peers for streams, all that are asked for within a moment at once. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #closing = new AbortController();
  readonly #gathering = new Map<string, { readonly streams: Set<StreamName>; readonly answers: Promise<Answers> }>();

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** What they say of the stream, maybe of others too. Never rejects; who does not answer is not in it. */
  async ask(question: Question, stream: StreamName): Promise<Answers> {
    const key = `${question.path} ${question.of ?? ''}`;
    const open = this.#gathering.get(key) ?? this.#begin(key, question);
    open.streams.add(stream);
    return open.answers;
  }

  close(): void {
    this.#closing.abort();
  }

  #begin(key: string, { path, of, to }: Question) {
    const streams = new Set<StreamName>();
    const { signal } = this.#closing;
    const gathered = this.#options.clock.sleep(gatherFor, signal).catch(() => undefined);
    const answers = gathered.then(() => {
      this.#gathering.delete(key);
      return this.#askAll(to(), path, { streams: [...streams], ...(of !== undefined && { of }) });
    });
    const begun = { streams, answers };
    this.#gathering.set(key, begun);
    return begun;
  }

  async #askAll(peers: readonly ServerName[], path: string, body: object): Promise<Answers> {
    const { signal } = this.#closing;
    const client = this.#options.client();
    const answers = await Promise.all(
      peers.map(async (peer) => {
        const outcome = await client.call({ peer, path, body, within: answerWithin, signal });
        if (!outcome.ok || outcome.status !== 200) return [];
        const { ends } = (outcome.body ?? {}) as { readonly ends?: unknown };
        const isTold = typeof ends === 'object' && ends !== null;
        return isTold ? ([[peer, ends as Record<string, unknown>]] as const) : [];
      }),
    );
    return new Map(answers.flat());
  }
}
