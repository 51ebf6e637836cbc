import { ContinuityRewriter } from '../../media/mpegts/continuity.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, type Instant, millis } from '../../units/time.ts';
import { Changes, type HoldCount } from '../ports/changes.ts';
import type { GroupPort, MpegtsChunk, MpegtsPort, Unsubscribe } from '../ports/ports.ts';
import { GopCache } from './gop-cache.ts';
import { Relay } from './relay.ts';
import { SourceJoin } from './source-join.ts';
import { type MpegtsSink, MpegtsViewer } from './viewer.ts';

/** How often a join is looked at while it waits. */
const tickEvery = millis(100);
/**
 * An owner whose source is silent for half of `source_timeout` sends nothing for good reason, or has gone without a word. A new connection
 * tells, and costs nothing: it begins with what viewers have had, which the join takes out.
 */
const partOfSourceTimeout = 1 / 2;
/** Viewers that got nothing for so long have given up, or should ask again. */
const starvedAfter = millis(30_000);

export interface FanoutOptions {
  readonly stream: StreamName;
  readonly group: GroupPort;
  readonly mpegts: MpegtsPort;
  readonly clock: Clock;
  readonly holds: HoldCount;
}

/** The own capture's name as a source; relays are numbered. */
const capture = 'capture';

/**
 * One stream's MPEG-TS for all its viewers on this server: from the own capture while it has the stream, else relayed from who has it.
 * The own capture is heard all the time: when it overlaps with the present owner's, before a handover, the join finds what it needs.
 */
export class Fanout {
  readonly #options: FanoutOptions;
  readonly #join = new SourceJoin();
  readonly #continuity = new ContinuityRewriter();
  readonly #cache = new GopCache();
  /** Of the own capture, while something else is sent. */
  readonly #captureCache = new GopCache();
  readonly #viewers = new Set<MpegtsViewer>();
  readonly #started: Changes;
  #unsubscribe: readonly Unsubscribe[] = [];
  #relay: Relay | undefined;
  /** Connections of relays so far: each is a source of its own, for it begins with frames that the one before may have sent. */
  #connections = 0;
  #owner: ServerName | undefined;
  #demanded = false;
  #cancelTick: () => void = () => undefined;
  #lastChunk: Instant;

  constructor(options: FanoutOptions) {
    this.#options = options;
    this.#started = new Changes(options.clock, options.holds);
    this.#lastChunk = options.clock.monotonic();
  }

  /** Begins to listen to the own capture, and to changes of the owner. */
  start(): void {
    const { group, mpegts, stream } = this.#options;
    this.#unsubscribe = [
      mpegts.subscribe(stream, (chunk) => this.#receiveCapture(chunk)),
      group.onOwnerChange(stream, () => this.#followOwner()),
    ];
    this.#followOwner();
    this.#tickLater();
  }

  /** Somebody wants to view: from now on the owner is heard, whoever it is. */
  demand(): void {
    this.#demanded = true;
    this.#followOwner();
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
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelTick();
    this.#relay?.close();
    this.#started.notify();
  }

  #followOwner(): void {
    const { group, stream, clock } = this.#options;
    const owner = group.owner(stream);
    if (owner === undefined) {
      this.#letGoOfTheDead();
      return;
    }
    if (owner === this.#owner) return;
    if (owner !== group.self && !this.#demanded) return;
    this.#owner = owner;
    if (owner !== group.self) {
      this.#hearOwner(owner);
      return;
    }
    this.#join.switchTo(capture, clock.monotonic());
    for (const chunk of this.#captureCache.chunks()) this.#receive(capture, chunk);
    this.#captureCache.clear();
  }

  /** Of an owner that lives what is heard may go on until the next one is told; a dead one may come back, as another process. */
  #letGoOfTheDead(): void {
    if (this.#owner === undefined || !this.#options.group.isDown(this.#owner)) return;
    this.#relay?.close();
    this.#relay = undefined;
    this.#owner = undefined;
  }

  #receiveCapture(chunk: MpegtsChunk): void {
    if (this.#owner === this.#options.group.self || this.#join.active === capture) this.#receive(capture, chunk);
    else this.#captureCache.push(chunk);
  }

  #hearOwner(owner: ServerName): void {
    let source = '';
    this.#relay?.close();
    const relay = new Relay({
      ...this.#options,
      owner,
      longestSilence: millis(this.#options.group.sourceTimeout(this.#options.stream) * partOfSourceTimeout),
      opened: () => {
        if (this.#owner !== owner) return;
        this.#connections += 1;
        source = `relay ${this.#connections}`;
        this.#join.switchTo(source, this.#options.clock.monotonic());
      },
      chunk: (chunk) => this.#receive(source, chunk),
    });
    this.#relay = relay;
    relay.start();
  }

  #receive(source: string, chunk: MpegtsChunk): void {
    this.#send(this.#join.push(source, chunk, this.#options.clock.monotonic()));
    this.#closeRelayThatIsOver();
  }

  /** The own capture is what is sent and wanted: nobody else needs to be heard. */
  #closeRelayThatIsOver(): void {
    if (this.#join.active !== capture || this.#owner !== this.#options.group.self) return;
    this.#relay?.close();
    this.#relay = undefined;
  }

  #tickLater(): void {
    const { clock } = this.#options;
    this.#cancelTick = clock.setTimer(after(clock.monotonic(), tickEvery), () => {
      this.#tick(clock.monotonic());
      this.#tickLater();
    });
  }

  #tick(now: Instant): void {
    this.#send(this.#join.tick(now));
    this.#closeRelayThatIsOver();
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
}
