import { z } from 'zod';
import type { Clock } from '../units/clock.ts';
import { millis } from '../units/time.ts';
import type { DemoServer } from './group-config.ts';
import type { Snapshot } from './snapshot.ts';

/** Often enough to see a takeover, seldom enough not to be a load. */
const lookEvery = millis(250);
/** A frozen server accepts connections and never answers; the next one is asked. */
const answerWithin = millis(800);

const serversSchema = z.object({
  servers: z.array(
    z.object({ name: z.string(), state: z.string(), streams: z.number(), lastHeardMs: z.number().nullish() }),
  ),
});
const streamsSchema = z.object({
  streams: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      home: z.string().nullish(),
      capturedBy: z.string().nullish(),
      standIn: z.boolean(),
      lastFrameMs: z.number().nullish(),
      source: z.string().nullish(),
    }),
  ),
});
const eventsSchema = z.object({
  events: z.array(
    z.object({
      id: z.string(),
      time: z.string(),
      server: z.string(),
      kind: z.string(),
      from: z.string().nullish(),
      tookMs: z.number().nullish(),
      message: z.string(),
    }),
  ),
});

export interface DemoEvent {
  readonly id: string;
  readonly time: string;
  readonly server: string;
  readonly kind: string;
  readonly from?: string | null | undefined;
  readonly tookMs?: number | null | undefined;
  readonly message: string;
}

/** Asks the servers in turn, as any operator could, and tells what the first one that answers says of the whole group. */
export async function observe(options: {
  readonly servers: () => readonly DemoServer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly seen: (snapshot: Snapshot | undefined, events: readonly DemoEvent[]) => void;
}): Promise<void> {
  while (!options.signal.aborted) {
    const look = await firstAnswer(options.servers());
    if (options.signal.aborted) return;
    options.seen(look?.snapshot, look?.events ?? []);
    await options.clock.sleep(lookEvery, options.signal).catch(() => undefined);
  }
}

type Look = { readonly snapshot: Snapshot; readonly events: readonly DemoEvent[] };

/** One that boots has not heard everybody yet: it is believed only when there is no other. */
async function firstAnswer(servers: readonly DemoServer[]): Promise<Look | undefined> {
  let booting: Look | undefined;
  for (const server of servers) {
    try {
      const look = await lookFrom(server);
      const own = look.snapshot.servers.find(({ name }) => name === server.name);
      if (own?.state !== 'booting') return look;
      booting ??= look;
    } catch {
      // Dead or frozen: what this loop is for.
    }
  }
  return booting;
}

async function lookFrom(server: DemoServer): Promise<Look> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      signal: AbortSignal.timeout(answerWithin),
    });
    return response.json();
  };
  const [servers, streams, events] = await Promise.all([
    get('/api/v1/servers'),
    get('/api/v1/streams'),
    get('/api/v1/events?limit=200'),
  ]);
  const snapshot: Snapshot = {
    answeredBy: server.name,
    servers: serversSchema.parse(servers).servers.map((one) => ({ ...one, lastHeardMs: one.lastHeardMs ?? undefined })),
    streams: streamsSchema.parse(streams).streams.map((one) => ({
      ...one,
      home: one.home ?? undefined,
      capturedBy: one.capturedBy ?? undefined,
      lastFrameMs: one.lastFrameMs ?? undefined,
      source: one.source ?? '',
    })),
  };
  return { snapshot, events: eventsSchema.parse(events).events };
}
