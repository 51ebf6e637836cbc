import type { PeerHandler } from '../../group/peer-service.ts';
import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { parseSeen, type SeenSegment } from './seen-segment.ts';

/** Where what the asked server published in its present life ended. */
export const ownEndsPath = '/peer/v1/ends/own';
/** Where what the asking server published in its life before ended, as far as the asked one can know. */
export const pastEndsPath = '/peer/v1/ends/past';
/** The newest segments of a third server (`of`) that the asked one saw. */
export const seenEndsPath = '/peer/v1/ends/seen';
/** Who had the streams last, as the asked server and its life before have kept. */
export const keptEndsPath = '/peer/v1/ends/kept';
/** The asking server tells its newest segments. */
export const reportEndsPath = '/peer/v1/ends/report';

/** What this server knows of the ends of a stream; what it does not know is undefined. */
export interface KnownEnds {
  readonly own: (stream: StreamName) => unknown;
  readonly past: (stream: StreamName, asking: ServerName) => unknown;
  readonly seen: (stream: StreamName, of: ServerName) => unknown;
  readonly kept: (stream: StreamName) => unknown;
  readonly report: (from: ServerName, newest: ReadonlyMap<StreamName, SeenSegment>) => void;
}

/** The peers' side of `Ends`: one path a question. Each asks for `streams` and is answered with the `ends` that are known. */
export function endsHandlers({ own, past, seen, kept, report }: KnownEnds): Readonly<Record<string, PeerHandler>> {
  return {
    [ownEndsPath]: answering(() => own),
    [pastEndsPath]: answering(
      ({ from }) =>
        (stream) =>
          past(stream, from),
    ),
    [seenEndsPath]: answering(({ of }) => (of === undefined ? undefined : (stream) => seen(stream, of))),
    [keptEndsPath]: answering(() => kept),
    [reportEndsPath]: ({ from, body }) => {
      const newest = (body as { readonly newest?: unknown } | null)?.newest;
      if (typeof newest !== 'object' || newest === null) return refused;
      report(from, parseNewest(newest));
      return Promise.resolve({ status: 200, body: {} });
    },
  };
}

const refused = Promise.resolve({ status: 400, body: {} });

interface Asking {
  readonly from: ServerName;
  readonly of: ServerName | undefined;
}

/** `lookUp` gives undefined for a question that is none. */
function answering(lookUp: (asking: Asking) => ((stream: StreamName) => unknown) | undefined): PeerHandler {
  return ({ from, body }) => {
    const { streams, of } = (body ?? {}) as Readonly<Record<'streams' | 'of', unknown>>;
    const find = lookUp({ from, of: typeof of === 'string' ? serverName(of) : undefined });
    if (!Array.isArray(streams) || find === undefined) return refused;
    const names = (streams as unknown[]).filter((name): name is string => typeof name === 'string').map(streamName);
    const known = names.map((name) => [name, find(name)] as const).filter(([, end]) => end !== undefined);
    return Promise.resolve({ status: 200, body: { ends: Object.fromEntries(known) } });
  };
}

function parseNewest(value: object): Map<StreamName, SeenSegment> {
  const found = new Map<StreamName, SeenSegment>();
  for (const [stream, told] of Object.entries(value)) {
    const segment = parseSeen(told);
    if (segment !== undefined) found.set(streamName(stream), segment);
  }
  return found;
}
