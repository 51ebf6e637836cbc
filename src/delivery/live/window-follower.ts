import type { LiveWindow } from '../../hls/live-window.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Millis, millis } from '../../units/time.ts';
import type { GroupPort, Unsubscribe, WindowPort } from '../ports/ports.ts';
import type { Reach } from '../route/reach.ts';

/** The owner may be dying or restarting: soon again at first, so that a hiccup costs nothing. */
const firstRetry = millis(100);
/** A successor is announced by `onOwnerChange`; this only paces the attempts at an owner that is frozen or out of reach. */
const longestRetry = millis(1000);

export interface WindowFollowerOptions {
  readonly stream: StreamName;
  readonly group: GroupPort;
  readonly windows: WindowPort;
  readonly clock: Clock;
  readonly reach: Reach;
  /** The last number that was shown so far. */
  readonly shown: () => number | undefined;
  /** The owner's newest window, whenever it has another one. */
  readonly received: (window: LiveWindow) => void;
  /** The owner changed, or the link to it broke or came back. */
  readonly linkChanged: () => void;
}

/**
 * Keeps up with the window of whoever owns a stream: one long poll at a time, whatever the number of viewers. An owner that this server does
 * not reach is asked by another server that does, until it answers by itself again.
 */
export class WindowFollower {
  readonly #options: WindowFollowerOptions;
  readonly #unsubscribe: readonly Unsubscribe[];
  #owner: ServerName | undefined;
  #linked = false;
  #abort = new AbortController();

  constructor(options: WindowFollowerOptions) {
    this.#options = options;
    const { group, windows, stream } = options;
    this.#owner = group.owner(stream);
    this.#unsubscribe = [
      group.onOwnerChange(stream, () => this.#ownerChanged()),
      windows.onLocalWindow(stream, () => this.#readLocal()),
    ];
  }

  /** Begins to follow; what it knows at once it tells at once. */
  start(): void {
    this.#follow();
  }

  get owner(): ServerName | undefined {
    return this.#owner;
  }

  /** Whether the present owner has answered, itself or by another server, and that link hasn't broken since. */
  get linked(): boolean {
    return this.#linked;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#abort.abort();
  }

  #ownerChanged(): void {
    const owner = this.#options.group.owner(this.#options.stream);
    if (owner === this.#owner) return;
    this.#owner = owner;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#linked = false;
    this.#follow();
    this.#options.linkChanged();
  }

  #follow(): void {
    if (this.#owner === undefined) return;
    if (this.#owner === this.#options.group.self) this.#readLocal();
    else void this.#poll(this.#owner, this.#abort.signal);
  }

  #readLocal(): void {
    if (this.#owner !== this.#options.group.self) return;
    const window = this.#options.windows.localWindow(this.#options.stream);
    this.#setLinked(window !== undefined);
    if (window !== undefined) this.#options.received(window);
  }

  async #poll(owner: ServerName, signal: AbortSignal): Promise<void> {
    const { windows, stream, clock, shown } = this.#options;
    let afterRevision = 0;
    let retry: Millis = firstRetry;
    let by: { readonly by: ServerName } | undefined;
    while (!signal.aborted) {
      try {
        const window = await windows.remoteWindow({ stream, owner, ...by, afterRevision, shown: shown(), signal });
        if (signal.aborted) return;
        retry = firstRetry;
        // A revision that goes back is that of a new life of the same server: its list is as good, its count began anew.
        if (window !== undefined) afterRevision = window.revision;
        this.#setLinked(true);
        if (window !== undefined) this.#options.received(window);
        if (by !== undefined) by = await this.#otherWay(owner);
      } catch {
        if (signal.aborted) return;
        afterRevision = 0;
        this.#setLinked(false);
        [by] = await Promise.all([this.#otherWay(owner), clock.sleep(retry, signal).catch(() => undefined)]);
        retry = millis(Math.min(retry * 2, longestRetry));
      }
    }
  }

  /** Who is to ask the owner instead of this server; absent when it answers here, or nobody knows better. */
  async #otherWay(owner: ServerName): Promise<{ readonly by: ServerName } | undefined> {
    const by = await this.#options.reach.find(owner);
    return by === undefined || by === owner ? undefined : { by };
  }

  #setLinked(linked: boolean): void {
    if (this.#linked === linked) return;
    this.#linked = linked;
    this.#options.linkChanged();
  }
}
