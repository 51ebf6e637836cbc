import { type Captured, type ClockReading, GroupClock, parseClockReading } from '../../timeline/group-clock.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { after, type Instant, type Millis, millis, type UnixMicros } from '../../units/time.ts';

/** A second's slew is half a millisecond: more often would move nothing that can be seen. */
const adjustEvery = millis(1_000);

/** The workers hear of changes from this on. */
const worthTellingMicros = 100;

/** Machines that keep time at all differ by less. */
const noticeableSkew = millis(1_000);

/** An operator who has read that the group's clock is wrong needs no second line on the same day. */
const toldAgainAfter = millis(24 * 3_600_000);

export interface ClockKeeperOptions {
  readonly clock: Clock;
  readonly version: string;
  /** What the captures of this server are for at this moment. */
  readonly captured: () => Captured;
  readonly tellWorkers: (offset: UnixMicros) => void;
  /** A peer's system clock differs by more than people would overlook; said with every answer of that peer. */
  readonly onSkew: (peer: ServerName, skew: Millis) => void;
  /** The group's clock is ahead of this server's system clock, or behind it (negative), by more than that; said once a day. */
  readonly onGroupAhead: (ahead: Millis) => void;
}

/** Keeps the group's clock with what the peers tell of theirs, and tells it to the workers. */
export class ClockKeeper {
  readonly #options: ClockKeeperOptions;
  readonly #group: GroupClock;
  readonly #versions = new Map<ServerName, string>();
  #told: UnixMicros | undefined;
  #quietUntil: Instant | undefined;
  #cancel: () => void = () => {};

  constructor(options: ClockKeeperOptions) {
    this.#options = options;
    this.#group = new GroupClock(options.clock.monotonic(), options.clock.wall());
    this.#tick();
  }

  utc(): UnixMicros {
    return this.#group.utc(this.#options.clock.monotonic());
  }

  /** The group's UTC at an instant of this process. */
  utcAt(at: Instant): UnixMicros {
    return this.#group.utc(at);
  }

  skew(peer: ServerName): Millis | undefined {
    return this.#group.skew(peer, this.#options.clock.monotonic());
  }

  /** The group's clock minus this server's system clock. */
  get ahead(): Millis {
    return this.#group.ahead;
  }

  version(peer: ServerName): string | undefined {
    return this.#versions.get(peer);
  }

  /** What this server's answer to an exchange says of its clocks and program. */
  reading(receivedAt: Instant): ClockReading & { readonly version: string } {
    const reading = this.#group.reading(receivedAt, this.#options.clock.monotonic());
    return { ...reading, version: this.#options.version };
  }

  /** What a peer's answer said. */
  heard(peer: ServerName, told: unknown, sent: Instant, answered: Instant): void {
    const reading = parseClockReading(told);
    if (reading === undefined) return;
    this.#group.heard(peer, reading, { sent, answered });
    const { version } = told as { readonly version?: unknown };
    if (typeof version === 'string') this.#versions.set(peer, version);
    this.adjust();
    const skew = this.skew(peer);
    if (skew !== undefined && Math.abs(skew) > noticeableSkew) this.#options.onSkew(peer, skew);
  }

  /** Before the first capture for the group it may jump, from then on it is slewed: so the last moment to agree is now. */
  adjust(): void {
    const { clock, captured, tellWorkers } = this.#options;
    this.#group.adjust(clock.monotonic(), clock.wall(), captured());
    const { offset } = this.#group;
    if (this.#told !== undefined && Math.abs(offset - this.#told) < worthTellingMicros) return;
    this.#told = offset;
    tellWorkers(offset);
  }

  close(): void {
    this.#cancel();
  }

  #tick(): void {
    this.adjust();
    this.#noteAhead();
    const { clock } = this.#options;
    this.#cancel = clock.setTimer(after(clock.monotonic(), adjustEvery), () => this.#tick());
  }

  /** While captures run the group's clock doesn't step: set right or not, system clocks can't mend it, and differ from it for days. */
  #noteAhead(): void {
    const { clock, onGroupAhead } = this.#options;
    const now = clock.monotonic();
    if (Math.abs(this.ahead) <= noticeableSkew || now < (this.#quietUntil ?? now)) return;
    this.#quietUntil = after(now, toldAgainAfter);
    onGroupAhead(this.ahead);
  }
}
