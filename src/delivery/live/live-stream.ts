import type { LiveSegment, LiveWindow } from '../../hls/live-window.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { between, type Instant, millis } from '../../units/time.ts';
import { Changes, type HoldCount } from '../ports/changes.ts';
import type { GroupPort, WindowPort } from '../ports/ports.ts';
import type { Reach } from '../route/reach.ts';
import { ShownList } from './shown-list.ts';
import { nextShown } from './shown-window.ts';
import { WindowFollower } from './window-follower.ts';

/** What two owners of a stream keep (`keptSegments` each), and a few more: enough for the slowest player that still finds something. */
const rememberedSegments = 24;
/**
 * Longer than any takeover takes. A list that was cut off from its owner for so long tells nothing that a player could still use, and hides
 * from it that other servers may have a newer one.
 */
const longestCutOff = millis(60_000);
/** Codec parameters change rarely; a player behind a change needs the ones before. */
const rememberedInits = 8;

export interface LiveStreamOptions {
  readonly stream: StreamName;
  readonly group: GroupPort;
  readonly windows: WindowPort;
  readonly clock: Clock;
  readonly holds: HoldCount;
  readonly reach: Reach;
}

/** A viewed stream on this server, captured here or elsewhere: the list that it shows, and what can be asked for beside it. */
export class LiveStream {
  readonly #follower: WindowFollower;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #holds: HoldCount;
  readonly #group: GroupPort;
  readonly #holders = new Map<number, ServerName>();
  readonly #inits = new Map<string, Uint8Array>();
  #shown: ShownList | undefined;
  /** The present owner's word was believed: the list is as new as it can be. */
  #current = false;
  /** Since when there may be a newer list that this server has no way to. */
  #cutOffSince: Instant | undefined;
  /** Since when the present owner goes on publishing, but behind what was shown. */
  #behindSince: Instant | undefined;

  constructor(options: LiveStreamOptions) {
    this.#group = options.group;
    this.#clock = options.clock;
    this.#holds = options.holds;
    this.#changes = new Changes(options.clock, options.holds);
    this.#follower = new WindowFollower({
      ...options,
      shown: () => this.#shown?.lastNumber,
      received: (window) => this.#receive(window),
      linkChanged: () => this.#linkChanged(),
    });
    this.#follower.start();
    this.#noteCutOff();
  }

  /** The list to show; absent until an owner told one. */
  get list(): ShownList | undefined {
    return this.#shown;
  }

  /** Whether the list is the present owner's own; not so during a takeover, while the owner can't be heard, or while it is behind its predecessor. */
  get isCurrent(): boolean {
    return this.#current && this.#follower.linked;
  }

  /** The list is not worth repeating any more: its owner has been out of everybody's reach for too long. */
  get isLost(): boolean {
    return this.#cutOffSince !== undefined && between(this.#cutOffSince, this.#clock.monotonic()) >= longestCutOff;
  }

  /** So many requests wait at this server that only those should which must. */
  get isCrowded(): boolean {
    return this.#holds.isCrowded;
  }

  /** Who has the segment's bytes, if it was in a list that this server saw. */
  holder(segment: number): ServerName | undefined {
    return this.#holders.get(segment);
  }

  /** Whether sending a viewer there now would send it to nobody, as far as this server can tell. */
  isOutOfReach(server: ServerName): boolean {
    if (server === this.#group.self) return false;
    const linkBroken = server === this.#follower.owner && !this.#follower.linked;
    return linkBroken || this.#group.isDown(server);
  }

  init(id: string): Uint8Array | undefined {
    return this.#inits.get(id);
  }

  /** Ends when anything that this object tells may have changed, at `deadline`, or when aborted. */
  changed(deadline: Instant, signal: AbortSignal): Promise<void> {
    return this.#changes.next(deadline, signal);
  }

  close(): void {
    this.#follower.close();
    this.#changes.notify();
  }

  #receive(window: LiveWindow): void {
    this.#remember(window);
    const now = this.#clock.monotonic();
    const behindFor = this.#behindSince === undefined ? millis(0) : between(this.#behindSince, now);
    const next = nextShown(this.#shown?.window, window, behindFor);
    if (next === undefined) return;
    this.#current = next !== this.#shown?.window;
    this.#behindSince = this.#current ? undefined : (this.#behindSince ?? now);
    if (this.#current) this.#shown = this.#shown?.withWindow(next, now) ?? new ShownList(next, now);
    this.#changes.notify();
  }

  #remember(window: LiveWindow): void {
    for (const segment of window.segments) this.#rememberHolder(segment);
    for (const init of window.inits) {
      if (this.#inits.has(init.id)) continue;
      this.#inits.set(init.id, Buffer.from(init.data, 'base64'));
    }
    dropOldest(this.#holders, rememberedSegments);
    dropOldest(this.#inits, Math.max(rememberedInits, window.inits.length));
  }

  /** Deleted first, so that the map stays in the order of mention and the oldest mention leaves first. */
  #rememberHolder(segment: LiveSegment): void {
    this.#holders.delete(segment.number);
    this.#holders.set(segment.number, segment.holder);
  }

  /** A stream that nobody captures is not cut off, unless by those who may not capture here. */
  #noteCutOff(): void {
    const { owner, linked } = this.#follower;
    const group = this.#group;
    const isCutOff = owner === undefined ? group.isMinority() : owner !== group.self && !linked;
    this.#cutOffSince = isCutOff ? (this.#cutOffSince ?? this.#clock.monotonic()) : undefined;
  }

  #linkChanged(): void {
    this.#noteCutOff();
    if (!this.#follower.linked) {
      this.#current = false;
      this.#behindSince = undefined;
    }
    this.#changes.notify();
  }
}

function dropOldest<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
