import type { Cause } from '../../cluster/message/cause.ts';
import type { CaptureFact } from '../../cluster/step/event.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import type { Clock } from '../../units/clock.ts';
import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import type { Ticks } from '../../units/ticks.ts';
import { between, type Instant, type Millis, millis, type UnixMicros, unixMicros } from '../../units/time.ts';
import type { LastEnd } from '../ends/ends.ts';
import { Timelines } from '../ends/timelines.ts';
import type { EventKind } from '../journal/event-kinds.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalEvent } from '../journal/journal-event.ts';
import { list, lossPhrase, seconds, type Told, tell, tellNewLifeApart, whyGone, whyInterrupted } from './describe.ts';
import { DrainTale } from './drain-tale.ts';
import { LocalSources } from './local-sources.ts';
import { lossBetween } from './loss.ts';
import { Parted } from './parted.ts';
import { Repeats } from './repeats.ts';
import { isMissing, SourceTale } from './source-tale.ts';
import type { Source } from './sources.ts';
import { Stories } from './stories.ts';

/** A peer that refuses is asked again every second or so; behind so long without, it is another story. */
const refusedAnew = millis(600_000);

/** What an operator must see in the log without looking for it. */
const warnings: ReadonlySet<EventKind> = new Set([
  'server-down',
  'source-lost',
  'interrupted',
  'stood-still',
  'group-outage',
  'minority',
  'peer-refused',
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
  /** Where it ended in this server's life before, as peers know and as it kept itself. Never rejects. */
  readonly ownPastEnd: (stream: StreamName) => Promise<Ticks | undefined>;
  /** The same, of a stream that no other server has. */
  readonly ownKeptEnd: (stream: StreamName) => Ticks | undefined;
  /** Where it ended before nobody captured it, as the servers have kept. Never rejects. */
  readonly lastEnd: (stream: StreamName) => Promise<LastEnd | undefined>;
  readonly isConfigured: (stream: StreamName) => boolean;
  /** Who has it, as this server sees. */
  readonly owner: (stream: StreamName) => ServerName | undefined;
  /** How long after the first silent peer a server of the smaller side may learn that it is there; none where both sides capture. */
  readonly partedWithin: () => Millis;
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
  readonly #sources: SourceTale;
  readonly #repeats: Repeats;
  /** Begun; told when they have frames, forgotten when they end without. */
  readonly #takeovers = new Map<StreamName, Takeover>();
  /** Written as soon as the loss is known. */
  readonly #stories: Stories;
  /** When peers refused this server last. */
  readonly #refused = new Map<ServerName, Instant>();
  readonly #parted = new Parted();
  /** Takeovers with frames whose loss is not known yet. */
  readonly #untold = new Map<StreamName, { isWithdrawn: boolean }>();
  readonly #ending = new AbortController();
  /** Streams that this server captures for itself, whatever becomes of the group. */
  readonly #local = new Set<StreamName>();
  readonly #localSources: LocalSources;
  #drain: DrainTale | undefined;
  #sequence = 0;
  #life: Incarnation | undefined;
  /** Why this server boots, next time it settles. */
  #booting: Cause = 'started';

  constructor(options: ChronicleOptions) {
    this.#options = options;
    this.timelines = new Timelines(options.clock);
    this.#repeats = new Repeats(options.clock);
    this.#localSources = new LocalSources(options.clock);
    this.#stories = new Stories(this.timelines);
    const { self, utc } = options;
    const [timelines, stories, repeats] = [this.timelines, this.#stories, this.#repeats];
    this.#sources = new SourceTale({ self, utc, timelines, stories, repeats, write: (told) => this.write(told) });
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
        this.#sources.found(notice.stream, tell(notice, self));
        break;
      case 'source-lost':
        this.#sourceLost(notice);
        break;
      case 'drain':
        this.#drain = new DrainTale(this.#options.clock, notice.streams);
        this.write(tell(notice, self));
        break;
      case 'drained':
        this.#drained(notice);
        break;
      case 'stood-still':
        this.#stoodStill(notice);
        break;
      case 'minority':
        this.#inMinority(notice);
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
    if (this.#parted.isApart) this.write(tellNewLifeApart(this.#options.self));
    this.#parted.clear();
    for (const stream of this.timelines.unbroken()) if (!this.#local.has(stream)) this.timelines.breaks(stream);
  }

  /** An event of another server became known. */
  heard(event: JournalEvent): void {
    const { self } = this.#options;
    if (event.kind === 'handover' && event.from === self && event.stream !== undefined)
      this.#drain?.taken(event.stream, event.lostMs);
  }

  /** A peer refuses this server by another `cluster_key`; told once for as long as it goes on. */
  refused(peer: ServerName): void {
    const { self, clock } = this.#options;
    const [now, before] = [clock.monotonic(), this.#refused.get(peer)];
    this.#refused.set(peer, now);
    if (before !== undefined && between(before, now) < refusedAnew) return;
    const message = `${self} and ${peer} refuse each other: they have different cluster_keys`;
    this.write({ kind: 'peer-refused', from: peer, cause: 'cluster-key', message });
  }

  /** A capture begins, maybe beside its predecessor's; `cause`: why, absent for a stream that this server captures for itself. */
  captureBegins(stream: StreamName, overlaps: boolean, cause: string | undefined): void {
    if (cause === undefined) this.#local.add(stream);
    else this.#forgetLocal(stream);
    if (this.#parted.has(stream)) this.timelines.breaks(stream);
    const kept = cause === undefined ? this.#options.ownKeptEnd(stream) : undefined;
    const goesOn = kept !== undefined && this.timelines.end(stream) === undefined;
    if (goesOn) this.timelines.goesOnBehind(stream, kept);
    this.timelines.begins(stream, overlaps);
    this.#sources.begins(stream, goesOn ? 'restarted' : cause);
  }

  /** What became of a capture that no core knows; `darkFor`: so long nothing of it came to viewers, if it is dark. */
  localFact(stream: StreamName, fact: CaptureFact, darkFor: Millis): void {
    const notice = this.#localSources.tell(stream, fact, darkFor);
    if (notice !== undefined) this.notice(notice);
  }

  captureEnds(stream: StreamName): void {
    this.#takeovers.delete(stream);
    this.timelines.ends(stream);
    if (this.#parted.isApart && !this.#local.has(stream)) this.#leaveToOthers(stream);
    if (!this.#options.isConfigured(stream)) this.#forgetLocal(stream);
  }

  /** Others have these streams now, or nobody, or they are removed. */
  ownersChanged(streams: readonly StreamName[]): void {
    // On the smaller side it is what the others had before they were away.
    if (!this.#parted.isApart) for (const stream of streams) this.#lookForOwner(stream);
  }

  /** A capture published a segment. */
  segment(stream: StreamName, start: Ticks, end: Ticks): void {
    this.#sources.flows(stream, this.timelines.segment(stream, start, end));
  }

  /** The source's clock was set right: the hole before the next segment is one in its time, no video is missing. */
  steppedOn(stream: StreamName): void {
    this.timelines.breaks(stream);
  }

  /** A connection to a source of the stream has media. */
  source(stream: StreamName, source: Source): void {
    this.#sources.uses(stream, source);
  }

  /** A connection to a source of the stream ended or could not be made; `error` without secrets. */
  sourceFailed(stream: StreamName, index: number, error: string): void {
    this.#sources.failed(stream, index, error);
  }

  write(told: Told): void {
    const { stream } = told;
    if (stream === undefined || this.#options.isConfigured(stream)) this.#write(told);
    // What a stream lost before it was removed was lost; anything else of it concerns nobody any more.
    else if ((told.lostMs ?? 0) > 0) this.#write({ ...told, message: `${told.message}; the stream is removed since` });
  }

  #forgetLocal(stream: StreamName): void {
    this.#local.delete(stream);
    this.#localSources.forget(stream);
  }

  #write(told: Told): void {
    const { self, utc, incarnation, journal, log, onLost } = this.#options;
    const life = incarnation();
    if (life !== this.#life) this.#sequence = 0;
    this.#life = life;
    // A drain sums up what its takers have told and counted.
    if (told.lostMs !== undefined && told.kind !== 'drained') onLost(millis(told.lostMs));
    // To the millisecond, as it travels: it is the same on every server.
    const at = unixMicros(Math.floor(utc() / 1000) * 1000);
    journal.add({ server: self, life, sequence: ++this.#sequence, at, ...told });
    const { message, ...fields } = told;
    log[warnings.has(told.kind) ? 'warn' : 'info'](message, fields);
  }

  /** Tells what it waits to tell, as far as it is known. */
  async close(): Promise<void> {
    this.#ending.abort();
    const told = this.#stories.close();
    this.#drain?.finish();
    await told;
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
    const end = this.#options.endAt(stream, from);
    const before = cause === 'silent' ? this.#behindDoubt(end) : end;
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
      else this.#begun(stream, tookMs);
      return;
    }
    this.#takeovers.delete(stream);
    const { from, cause, before } = takeover;
    const message = `${stream} taken over by ${self} from ${from}: ${whyGone(cause, from)}`;
    const told: Told = { kind: 'takeover', stream, from, to: self, cause, tookMs, message };
    this.#parted.delete(stream);
    const untold = { isWithdrawn: false };
    this.#untold.set(stream, untold);
    this.#stories.withLoss(stream, told, before, (event) => {
      if (this.#untold.get(stream) === untold) this.#untold.delete(stream);
      if (!untold.isWithdrawn) this.write(event);
    });
  }

  /** This server ended its capture because it is on the smaller side. */
  #leaveToOthers(stream: StreamName): void {
    this.#parted.add(stream);
    // It was the other side that was heard no more, and captures on.
    const untold = this.#untold.get(stream);
    if (untold !== undefined) untold.isWithdrawn = true;
  }

  #lookForOwner(stream: StreamName): void {
    const { self, owner, isConfigured } = this.#options;
    if (!this.#parted.has(stream)) return;
    const holder = owner(stream);
    const isElsewhere = holder !== undefined && holder !== self;
    if (!isElsewhere && isConfigured(stream)) return;
    this.#parted.delete(stream);
    this.timelines.breaks(stream);
  }

  /** A peer that is silent may be on the larger side, and others fall silent within a fetch: then nothing was taken from it. */
  async #behindDoubt(end: Promise<Ticks | undefined>): Promise<Ticks | undefined> {
    const { clock, partedWithin } = this.#options;
    await clock.sleep(partedWithin(), this.#ending.signal).catch(() => undefined);
    return end;
  }

  /** What the life before had, and nobody has taken meanwhile. */
  #resumed(stream: StreamName, tookMs: number): void {
    const { self } = this.#options;
    const cause = this.#booting === 'stood-still' ? 'stood-still' : 'restarted';
    const message = `${stream} was interrupted at ${self}: ${whyInterrupted(cause)}`;
    const told: Told = { kind: 'interrupted', stream, from: self, to: self, cause, tookMs, message };
    // A new life of the same process knows best.
    const own = this.timelines.end(stream);
    const before = own === undefined ? this.#options.ownPastEnd(stream) : Promise.resolve(own);
    this.#stories.withLoss(stream, told, before, (event) => this.write(event));
  }

  /** Nobody had it just now: if somebody did before, nobody has what lies between. */
  #begun(stream: StreamName, tookMs: number): void {
    // What goes on behind this server's own segments tells its hole itself.
    if (this.timelines.unbrokenEnd(stream) !== undefined) return;
    const { self, lastEnd } = this.#options;
    const cause = this.#parted.delete(stream) ? 'partition' : 'no-server';
    this.#stories.whenBegun(stream, lastEnd(stream), (last, start) => {
      if (last === undefined || (start !== undefined && !isMissing({ from: last.end, to: start }))) return;
      const loss = last.isOwnWord ? lossBetween(last.end, start) : {};
      const missing = last.isOwnWord ? '' : `, for ${last.server}, who had it last, is not back`;
      const message = `${stream} was captured by no server until ${self} began${lossPhrase(loss.lostMs)}${missing}`;
      this.write({ kind: 'group-outage', stream, from: last.server, to: self, cause, tookMs, ...loss, message });
    });
  }

  #stoodStill(notice: Extract<ClusterNotice, { kind: 'stood-still' }>): void {
    this.#sources.stoodStill(notice.forMs);
    if (notice.beginsAnew) this.newLife('stood-still');
    this.write(tell(notice, this.#options.self));
  }

  /** The others may capture what this server does not: what it published last need not be the end. */
  #inMinority(notice: Extract<ClusterNotice, { kind: 'minority' }>): void {
    this.write(tell(notice, this.#options.self));
    if (notice.begins) {
      this.#parted.begins();
      return;
    }
    this.#parted.ends();
    for (const stream of this.#parted.streams()) this.#lookForOwner(stream);
  }

  #sourceLost(notice: Extract<ClusterNotice, { kind: 'source-lost' }>): void {
    const { self } = this.#options;
    this.#sources.lost(notice.stream, notice.darkMs, (error = notice.error) => tell({ ...notice, error }, self));
  }

  #moved(stream: StreamName, from: ServerName, told: Told): void {
    this.timelines.breaks(stream);
    this.#parted.delete(stream);
    const before = this.#options.endAt(stream, from);
    this.#stories.withLoss(stream, told, before, (event) => this.write(event));
  }
}
