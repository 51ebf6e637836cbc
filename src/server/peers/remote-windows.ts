import type { RemoteWindowRequest } from '../../delivery/ports/ports.ts';
import { newer, type SeenSegment } from '../../events/ends/seen-segment.ts';
import type { PeerClient } from '../../group/peer-client.ts';
import type { PeerHandler, PeerReply } from '../../group/peer-service.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { type ServerName, type StreamName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { after, millis } from '../../units/time.ts';
import { type LastPublished, lastOf, nothingPublished } from '../media/last-published.ts';
import type { OwnWindows } from '../media/own-windows.ts';
import { parseWindow } from './window-parser.ts';

export const livePath = '/peer/v1/live';

/** How long the owner holds a request for a window that does not change: more than a segment, so that most polls bring one. */
const holdMs = millis(5_000);

/** The hold, and what the way and a busy owner may add. */
const answerWithin = millis(8_000);

/** The windows of other servers' captures, by signed long polls; and what is last known of each, for a takeover. */
export class RemoteWindows {
  readonly #client: () => PeerClient;
  readonly #lasts = new Map<StreamName, LastPublished>();
  /** Of each holder; whole windows, with their init segments, would be too much of every stream that was ever viewed. */
  readonly #newest = new Map<StreamName, Map<ServerName, SeenSegment>>();

  constructor(client: () => PeerClient) {
    this.#client = client;
  }

  /** See `WindowPort.remoteWindow`. */
  async get(request: RemoteWindowRequest): Promise<LiveWindow | undefined> {
    const { stream, owner, by, afterRevision, shown, signal } = request;
    const asked = { stream, after: afterRevision, shown };
    const outcome = await this.#client().call({
      peer: by ?? owner,
      path: livePath,
      body: by === undefined ? asked : { ...asked, of: owner },
      within: answerWithin,
      signal,
    });
    signal.throwIfAborted();
    if (!outcome.ok) throw unavailable(stream, `${by ?? owner}: ${outcome.reason}`);
    if (outcome.status === 304) return undefined;
    const window = outcome.status === 200 ? parseWindow(outcome.body) : undefined;
    if (window === undefined) throw unavailable(stream, `${by ?? owner} has no window`);
    this.#noteLast(stream, lastOf(window));
    this.#noteNewest(stream, window);
    return window;
  }

  /** The newest segment of the stream that this server saw at that one, 90 kHz UTC. */
  newestAt(stream: StreamName, server: ServerName): SeenSegment | undefined {
    return this.#newest.get(stream)?.get(server);
  }

  /** Also who had the stream before may still be asked. */
  #noteLast(stream: StreamName, last: LastPublished): void {
    if ((last.end ?? 0) >= (this.#lasts.get(stream)?.end ?? 0)) this.#lasts.set(stream, last);
  }

  #noteNewest(stream: StreamName, { segments }: LiveWindow): void {
    const known = this.#newest.get(stream) ?? new Map<ServerName, SeenSegment>();
    this.#newest.set(stream, known);
    for (const { holder, start, duration } of segments) {
      const newest = newer({ start, end: ticks(start + duration) }, known.get(holder));
      if (newest !== undefined) known.set(holder, newest);
    }
  }

  /** What the stream published last, as far as this server saw. */
  last(stream: StreamName): LastPublished {
    return this.#lasts.get(stream) ?? nothingPublished;
  }
}

/** The last number that a peer's viewers of a stream were shown, as it says with its question. */
type OnShown = (stream: StreamName, number: number) => void;

/** The peers' side: this server's own windows. */
export function serveWindows(windows: OwnWindows, clock: Clock, onShown: OnShown): PeerHandler {
  return async ({ body, gone }): Promise<PeerReply> => {
    const { stream, after: revision, shown } = (body ?? {}) as Record<'stream' | 'after' | 'shown', unknown>;
    if (typeof stream !== 'string' || typeof revision !== 'number') return { status: 400, body: {} };
    const name = streamName(stream);
    if (isNumber(shown)) onShown(name, shown);
    // Also for a first segment: who asks again later would learn of it late, and so would its viewers.
    if (windows.get(name)?.revision === revision || windows.isBeginning(name))
      await changeOf(windows, name, clock, gone);
    const window = windows.get(name);
    if (window === undefined) return { status: 404, body: {} };
    return window.revision === revision ? { status: 304, body: {} } : { status: 200, body: window };
  };
}

/** Of a segment. */
export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function changeOf(windows: OwnWindows, stream: StreamName, clock: Clock, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      cancel();
      gone.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = windows.onChange(stream, done);
    const cancel = clock.setTimer(after(clock.monotonic(), holdMs), done);
    gone.addEventListener('abort', done, { once: true });
  });
}

function unavailable(stream: StreamName, why: string): AppError {
  return new AppError('stream-unavailable', `the live window can't be had: ${why}`, { detail: { stream } });
}
