import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';
import type { SeenSegment } from './ends.ts';

interface Reports {
  at: Instant;
  readonly newest: Map<StreamName, SeenSegment>;
}

/** The newest segment of each stream, as peers have reported their own: what is left of them when they die. */
export class ReportedEnds {
  readonly #byServer = new Map<ServerName, Reports>();

  add(server: ServerName, news: ReadonlyMap<StreamName, SeenSegment>, at: Instant): void {
    const known = this.#byServer.get(server) ?? { at, newest: new Map() };
    known.at = at;
    for (const [stream, segment] of news) known.newest.set(stream, segment);
    this.#byServer.set(server, known);
  }

  newest(stream: StreamName, server: ServerName): SeenSegment | undefined {
    return this.#byServer.get(server)?.newest.get(stream);
  }

  /** When that server reported last. */
  lastAt(server: ServerName): Instant | undefined {
    return this.#byServer.get(server)?.at;
  }
}
