import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';
import type { SeenSegment } from './seen-segment.ts';

interface Reports {
  at: Instant;
  readonly newest: Map<StreamName, SeenSegment>;
}

/** What the configuration in force names; a peer may follow another one. */
export interface Named {
  readonly isStream: (stream: StreamName) => boolean;
  readonly isServer: (server: ServerName) => boolean;
}

/** The newest segment of each stream, as peers have reported their own: what is left of them when they die. Knows what the configuration names. */
export class ReportedEnds {
  readonly #named: Named;
  readonly #byServer = new Map<ServerName, Reports>();

  constructor(named: Named) {
    this.#named = named;
  }

  add(server: ServerName, news: ReadonlyMap<StreamName, SeenSegment>, at: Instant): void {
    if (!this.#named.isServer(server)) return;
    const known = this.#byServer.get(server) ?? { at, newest: new Map() };
    known.at = at;
    for (const [stream, segment] of news) if (this.#named.isStream(stream)) known.newest.set(stream, segment);
    this.#byServer.set(server, known);
  }

  /** Lets go of what the configuration names no more. */
  forget(): void {
    const { isServer, isStream } = this.#named;
    for (const [server, { newest }] of this.#byServer) {
      if (!isServer(server)) this.#byServer.delete(server);
      for (const stream of newest.keys()) if (!isStream(stream)) newest.delete(stream);
    }
  }

  newest(stream: StreamName, server: ServerName): SeenSegment | undefined {
    return this.#byServer.get(server)?.newest.get(stream);
  }

  /** When that server reported last. */
  lastAt(server: ServerName): Instant | undefined {
    return this.#byServer.get(server)?.at;
  }
}
