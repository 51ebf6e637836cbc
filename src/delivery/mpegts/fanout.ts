import { ContinuityRewriter } from '../../media/mpegts/continuity.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, type Instant, millis } from '../../units/time.ts';
import { Changes, type HoldCount } from '../changes.ts';
import type { GroupPort, MpegtsChunk, MpegtsPort, Unsubscribe } from '../ports.ts';
import { GopCache } from './gop-cache.ts';
import { Relay } from './relay.ts';
import { SourceJoin } from './source-join.ts';
import { type MpegtsSink, MpegtsViewer } from './viewer.ts';

/** How often a join is looked at while it waits. */
const tickEvery = millis(100);
/** Viewers that got nothing for so long have given up, or should ask again. */
const starvedAfter = millis(30_000);

export interface FanoutOptions {
  readonly stream: StreamName;
  readonly group: GroupPort;
  readonly mpegts: MpegtsPort;
  readonly clock: Clock;
  readonly holds: HoldCount;
}

/** One stream's MPEG-TS for all its viewers on this server: from the own capture while it has the stream, else relayed from who has it. */
export class Fanout {
  readonly #options: FanoutOptions;
  readonly #join = new SourceJoin();
  readonly #continuity = new ContinuityRewriter();
  readonly #cache = new GopCache();
  readonly #viewers = new Set<MpegtsViewer>();
  readonly #started: Changes;
  readonly #unsubscribe: Unsubscribe;
  /** What is heard, by name: the active source, and during a join the next one. */
  readonly #heard = new Map<string, Unsubscribe>();
  #generation = 0;
  /** Chunks of the own capture are heard once: they are changed in place. */
  #captureSource: string | undefined;
  #owner: ServerName | undefined;
  #cancelTick: () => void = () => undefined;
  #lastChunk: Instant;

  constructor(options: FanoutOptions) {
    this.#options = options;
    this.#started = new Changes(options.clock, options.holds);
    this.#lastChunk = options.clock.monotonic();
    this.#unsubscribe = options.group.onOwnerChange(options.stream, () => this.#followOwner());
  }

  /** Begins to listen to the present owner. */
  start(): void {
    this.#followOwner();
    this.#tickLater();
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Whether a viewer would get a picture at once. */
  get hasBeginning(): boolean {
    return !this.#cache.isEmpty;
  }

  /** Ends when there is a beginning, at the deadline or when aborted. */
  async begun(deadline: Instant, signal: AbortSignal): Promise<void> {
    while (!this.hasBeginning && !signal.aborted && this.#options.clock.monotonic() < deadline) {
      await this.#started.next(deadline, signal);
    }
  }

  /** The viewer gets everything from the last keyframe on. The returned function takes it away. */
  attach(sink: MpegtsSink): Unsubscribe {
    const viewer = new MpegtsViewer(sink, this.#cache.chunks());
    this.#viewers.add(viewer);
    return () => this.#viewers.delete(viewer);
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelTick();
    for (const stop of this.#heard.values()) stop();
    this.#heard.clear();
    this.#started.notify();
  }

  #followOwner(): void {
    const owner = this.#options.group.owner(this.#options.stream);
    // Nobody: what is heard may go on for a while, and the next owner will be told.
    if (owner === undefined || owner === this.#owner) return;
    this.#owner = owner;
    this.#stopAllBut(this.#join.active);
    if (owner === this.#options.group.self) this.#hearCapture();
    else this.#hearOwner(owner);
  }

  #hearCapture(): void {
    const { mpegts, stream, clock } = this.#options;
    const { active } = this.#join;
    if (active !== undefined && active === this.#captureSource) {
      this.#join.switchTo(active, clock.monotonic());
      return;
    }
    const source = this.#switchTo('capture');
    this.#captureSource = source;
    this.#heard.set(
      source,
      mpegts.subscribe(stream, (chunk) => this.#receive(source, chunk)),
    );
  }

  /** Each connection is a source of its own: it begins with frames that the one before may have sent. */
  #hearOwner(owner: ServerName): void {
    let source = this.#switchTo(owner);
    const relay = new Relay({
      ...this.#options,
      owner,
      opened: () => {
        this.#heard.delete(source);
        source = this.#switchTo(owner);
        this.#heard.set(source, () => relay.close());
      },
      chunk: (chunk) => this.#receive(source, chunk),
    });
    this.#heard.set(source, () => relay.close());
    relay.start();
  }

  #switchTo(name: string): string {
    this.#generation += 1;
    const source = `${name} ${this.#generation}`;
    this.#join.switchTo(source, this.#options.clock.monotonic());
    return source;
  }

  #receive(source: string, chunk: MpegtsChunk): void {
    const before = this.#join.active;
    this.#send(this.#join.push(source, chunk, this.#options.clock.monotonic()));
    if (this.#join.active !== before) this.#stopAllBut(this.#join.active);
  }

  #tickLater(): void {
    const { clock } = this.#options;
    this.#cancelTick = clock.setTimer(after(clock.monotonic(), tickEvery), () => {
      this.#tick(clock.monotonic());
      this.#tickLater();
    });
  }

  #tick(now: Instant): void {
    const before = this.#join.active;
    this.#send(this.#join.tick(now));
    if (this.#join.active !== before) this.#stopAllBut(this.#join.active);
    if (now >= after(this.#lastChunk, starvedAfter)) this.#dismissAll();
  }

  #send(chunks: readonly MpegtsChunk[]): void {
    if (chunks.length === 0) return;
    this.#lastChunk = this.#options.clock.monotonic();
    for (const chunk of chunks) {
      this.#continuity.rewrite(chunk.data);
      this.#cache.push(chunk);
      for (const viewer of this.#viewers) this.#offer(viewer, chunk);
    }
    if (this.hasBeginning) this.#started.notify();
  }

  #offer(viewer: MpegtsViewer, chunk: MpegtsChunk): void {
    viewer.offer(chunk, this.#lastChunk);
    if (viewer.closed) this.#viewers.delete(viewer);
  }

  #dismissAll(): void {
    for (const viewer of this.#viewers) viewer.close('ended');
    this.#viewers.clear();
    this.#cache.clear();
  }

  #stopAllBut(kept: string | undefined): void {
    for (const [source, stop] of this.#heard) {
      if (source === kept) continue;
      stop();
      this.#heard.delete(source);
      if (source === this.#captureSource) this.#captureSource = undefined;
    }
  }
}
