import type { Cause } from '../../cluster/message/cause.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import type { Clock } from '../../units/clock.ts';
import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { type Ticks, timescale90k } from '../../units/ticks.ts';
import { type Millis, millis, type UnixMicros } from '../../units/time.ts';
import type { EventKind } from '../journal/event-kinds.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalEvent } from '../journal/journal-event.ts';
import { list, lossPhrase, seconds, type Told, tell, whyGone, whyInterrupted } from './describe.ts';
import { DrainTale } from './drain-tale.ts';
import { Repeats } from './repeats.ts';
import { type Source, Sources } from './sources.ts';
import { type Hole, Timelines } from './timelines.ts';

/** Shorter holes are the jitter of an anchor that a new connection takes. */
const shortestHole = (timescale90k * 250) / 1000;

/** What an operator must see in the log without looking for it. */
const warnings: ReadonlySet<EventKind> = new Set([
  'server-down',
  'source-lost',
  'interrupted',
  'stood-still',
  'config-drift',
]);

export interface ChronicleOptions {
  readonly self: ServerName;
  readonly clock: Clock;
  /** The group's clock. */
  readonly utc: () => UnixMicros;
  readonly incarnation: () => Incarnation;
  readonly journal: Journal;
  readonly log: Log;
  /** Where the stream's timeline ended at `from`, who had it last: as that one tells if it lives, else as this server saw. Never rejects. */
  readonly endAt: (stream: StreamName, from: ServerName) => Promise<Ticks | undefined>;
  /** Where it ended in this server's life before, as peers know. Never rejects. */
  readonly ownPastEnd: (stream: StreamName) => Promise<Ticks | undefined>;
  /** Every loss, as it becomes known. */
  readonly onLost: (lost: Millis) => void;
}

interface Takeover {
  readonly from: ServerName;
  readonly cause: Cause;
  readonly before: Promise<Ticks | undefined>;
}

/**
 * Writes what happens into the journal and the log, with what it cost: the time it took and the video that was lost. Of each hole in a
 * stream's timeline exactly one event tells the length: from the end of what anybody published last to the first segment behind it.
 */
export class Chronicle {
  readonly timelines: Timelines;
  readonly #options: ChronicleOptions;
  readonly #sources = new Sources();
  readonly #repeats: Repeats;
  /** Begun; told when they have frames, forgotten when they end without. */
  readonly #takeovers = new Map<StreamName, Takeover>();
  /** Written as soon as the loss is known. */
  readonly #stories = new Set<Promise<void>>();
  readonly #closing: Promise<undefined>;
  #close: () => void = () => {};
  #drain: DrainTale | undefined;
  #sequence = 0;
  #life: Incarnation | undefined;
  /** Why this server boots, next time it settles. */
  #booting: Cause = 'started';

  constructor(options: ChronicleOptions) {
    this.#options = options;
    this.timelines = new Timelines(options.clock);
    this.#repeats = new Repeats(options.clock);
    this.#closing = new Promise((resolve) => {
      this.#close = () => resolve(undefined);
    });
  }

  /** Takes what the core told. */
  notice(notice: ClusterNotice): void {
    const { log, self } = this.#options;
    log.debug('notice', { notice });
    switch (notice.kind) {
      case 'takeover':
        this.#takeoverBegins(notice);
        break;
      case 'captured':
        this.#captured(notice);
        break;
      case 'failback':
      case 'handover':
        this.#moved(notice.stream, notice.from, tell(notice, self));
        break;
      case 'given':
        log.info('given away', { ...notice, kind: undefined });
        this.#drain?.gave(notice.stream);
        break;
      case 'source-found':
        this.#sourceFound(notice.stream, tell(notice, self));
        break;
      case 'source-lost':
        this.write({ ...tell(notice, self), ...this.#sources.shown(notice.stream) });
        break;
      case 'drain':
        this.#drain = new DrainTale(this.#options.clock);
        this.write(tell(notice, self));
        break;
      case 'drained':
        this.#drained(notice);
        break;
      case 'stood-still':
        this.newLife('stood-still');
        this.write(tell(notice, self));
        break;
      case 'settled':
        this.#settled(notice);
        break;
      case 'server-draining':
        break;
      default:
        this.write(tell(notice, self));
    }
  }

  /** This process begins another life in the group: others had its streams meanwhile. */
  newLife(cause: Cause): void {
    this.#booting = cause;
    this.#takeovers.clear();
    this.timelines.breakAll();
  }

  /** An event of another server became known. */
  heard(event: JournalEvent): void {
    const { self } = this.#options;
    if (event.kind === 'handover' && event.from === self && event.stream !== undefined)
      this.#drain?.taken(event.stream, event.lostMs);
  }

  /** A capture begins, maybe beside its predecessor's; `cause`: why. */
  captureBegins(stream: StreamName, overlaps: boolean, cause: string | undefined): void {
    this.timelines.begins(stream, overlaps);
    this.#sources.begins(stream, cause);
  }

  captureEnds(stream: StreamName): void {
    this.#takeovers.delete(stream);
    this.timelines.ends(stream);
  }

  /** A capture published a segment. */
  segment(stream: StreamName, start: Ticks, end: Ticks): void {
    const hole = this.timelines.segment(stream, start, end);
    if (hole !== undefined && hole.to - hole.from >= shortestHole) this.#interrupted(stream, hole);
    this.#sources.flows(stream);
  }

  /** The source's clock was set right: the hole before the next segment is one in its time, no video is missing. */
  steppedOn(stream: StreamName): void {
    this.timelines.breaks(stream);
  }

  /** A connection to a source of the stream has media. */
  source(stream: StreamName, source: Source): void {
    const left = this.#sources.uses(stream, source);
    if (left !== undefined) this.#switched(stream, source, left);
  }

  /** A connection to a source of the stream ended or could not be made; `error` without secrets. */
  sourceFailed(stream: StreamName, index: number, error: string): void {
    this.#sources.failed(stream, index, error);
  }

  write(told: Told): void {
    const { self, utc, incarnation, journal, log, onLost } = this.#options;
    const life = incarnation();
    if (life !== this.#life) this.#sequence = 0;
    this.#life = life;
    // A drain sums up what its takers have told and counted.
    if (told.lostMs !== undefined && told.kind !== 'drained') onLost(millis(told.lostMs));
    journal.add({ server: self, life, sequence: ++this.#sequence, at: utc(), ...told });
    const { message, ...fields } = told;
    log[warnings.has(told.kind) ? 'warn' : 'info'](message, fields);
  }

  /** Tells what it waits to tell, as far as it is known. */
  async close(): Promise<void> {
    this.#close();
    this.timelines.close();
    this.#drain?.finish();
    await Promise.all(this.#stories);
    this.#repeats.close();
  }

  #settled({ afterMs, missing }: Extract<ClusterNotice, { kind: 'settled' }>): void {
    const { self } = this.#options;
    const without = missing.length === 0 ? '' : `, without ${list(missing)}`;
    const message = `${self} takes part in the group after ${seconds(afterMs)}${without}`;
    this.write({ kind: 'settled', from: self, cause: this.#booting, tookMs: afterMs, message });
  }

  #drained(end: Extract<ClusterNotice, { kind: 'drained' }>): void {
    const tale = this.#drain;
    tale?.ended(end, () => this.write(tale.tell(end, this.#options.self)));
  }

  #takeoverBegins({ stream, from, cause }: Extract<ClusterNotice, { kind: 'takeover' }>): void {
    // Asked now: in a moment this server's own capture is the last that it saw.
    const before = this.#options.endAt(stream, from);
    this.#takeovers.set(stream, { from, cause, before });
    this.timelines.breaks(stream);
    this.#options.log.info('takeover begins', { stream, from, cause });
  }

  #captured(notice: Extract<ClusterNotice, { kind: 'captured' }>): void {
    const { log, self } = this.#options;
    const { stream } = notice;
    const tookMs = Math.round(notice.tookMs);
    log.info('captured', { ...notice, kind: undefined, tookMs });
    const takeover = this.#takeovers.get(stream);
    if (takeover === undefined) {
      if (notice.cause === 'restarted') this.#resumed(stream, tookMs);
      return;
    }
    this.#takeovers.delete(stream);
    const { from, cause, before } = takeover;
    const message = `${stream} taken over by ${self} from ${from}: ${whyGone(cause, from)}`;
    const told: Told = { kind: 'takeover', stream, from, to: self, cause, tookMs, message };
    this.#withLoss(told, before, this.timelines.first(stream), (event) => this.write(event));
  }

  /** What the life before had, and nobody has taken meanwhile. */
  #resumed(stream: StreamName, tookMs: number): void {
    const { self } = this.#options;
    const message = `${stream} was interrupted at ${self}: ${whyInterrupted('restarted')}`;
    const told: Told = { kind: 'interrupted', stream, from: self, to: self, cause: 'restarted', tookMs, message };
    const before = this.#options.ownPastEnd(stream);
    this.#withLoss(told, before, this.timelines.first(stream), (event) => this.write(event));
  }

  #moved(stream: StreamName, from: ServerName, told: Told): void {
    this.timelines.breaks(stream);
    const before = this.#options.endAt(stream, from);
    this.#withLoss(told, before, this.timelines.first(stream), (event) => this.write(event));
  }

  /** Of an outage that ends with a takeover, that tells what was lost. */
  #sourceFound(stream: StreamName, told: Told): void {
    if (this.timelines.isAwaited(stream)) this.write(told);
    else this.#withOwnLoss(stream, told, (event) => this.write(event));
  }

  #switched(
    stream: StreamName,
    { index, of, url }: Source,
    left: { readonly index: number; readonly error: string },
  ): void {
    const { self } = this.#options;
    const which = `source ${index + 1} of ${of}, ${url}`;
    const common = { kind: 'source-switched', stream, to: self, source: url, cause: left.error } as const;
    const told: Told = {
      ...common,
      message: `${stream} goes on with ${which}: source ${left.index + 1} failed: ${left.error}`,
    };
    const tellIt = (event: Told): void =>
      this.#repeats.happened(
        `source ${stream}`,
        event.lostMs ?? 0,
        () => this.write(event),
        ({ times, within, lostMs }) => {
          const message = `${stream} changed its source ${times} times in ${seconds(within)}, lastly to ${which}: ${left.error}`;
          this.write({ ...common, tookMs: within, lostMs, message: message + lossPhrase(lostMs) });
        },
      );
    // Of a takeover that comes to another source at once, the takeover tells the loss.
    if (this.timelines.isAwaited(stream)) tellIt(told);
    else this.#withOwnLoss(stream, told, tellIt);
  }

  #interrupted(stream: StreamName, { from, to }: Hole): void {
    const { self } = this.#options;
    const lostMs = milliseconds(to - from);
    const cause = this.#sources.whyInterrupted(stream);
    const why = whyInterrupted(cause);
    const common = {
      kind: 'interrupted',
      stream,
      from: self,
      to: self,
      cause,
      ...this.#sources.shown(stream),
    } as const;
    const once = (): void =>
      this.write({ ...common, lostMs, message: `${stream} was interrupted at ${self}: ${why}${lossPhrase(lostMs)}` });
    this.#repeats.happened(`hole ${stream}`, lostMs, once, (all) => {
      const message = `${stream} was interrupted ${all.times} times in ${seconds(all.within)} at ${self}, lastly: ${why}`;
      this.write({ ...common, tookMs: all.within, lostMs: all.lostMs, message: message + lossPhrase(all.lostMs) });
    });
  }

  /** Tells it with what is missing between this server's last segment and its next. */
  #withOwnLoss(stream: StreamName, told: Told, tellIt: (event: Told) => void): void {
    const before = this.timelines.unbrokenEnd(stream);
    // Without a segment before there is nothing that could be missing.
    if (before === undefined) tellIt(told);
    else this.#withLoss(told, Promise.resolve(before), this.timelines.next(stream), tellIt);
  }

  /** Tells it with what was lost between these two, once they are known, or known not to be. */
  #withLoss(
    told: Told,
    before: Promise<Ticks | undefined>,
    start: Promise<Ticks | undefined>,
    tellIt: (event: Told) => void,
  ): void {
    const story = Promise.all([Promise.race([before, this.#closing]), start]).then(([end, first]) => {
      this.#stories.delete(story);
      const lostMs = end === undefined || first === undefined ? undefined : milliseconds(Math.max(0, first - end));
      tellIt({ ...told, ...(lostMs !== undefined && { lostMs }), message: told.message + lossPhrase(lostMs) });
    });
    this.#stories.add(story);
  }
}

function milliseconds(ticks: number): number {
  return Math.round((ticks * 1000) / timescale90k);
}
