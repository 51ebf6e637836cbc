import type { ClusterNotice } from '../cluster/step/notice.ts';
import type { Clock } from '../units/clock.ts';
import type { Incarnation, ServerName, StreamName } from '../units/ids.ts';
import type { Log } from '../units/log.ts';
import { type Ticks, timescale90k } from '../units/ticks.ts';
import { after, type Millis, millis, type UnixMicros } from '../units/time.ts';
import { seconds, type Told, tell } from './describe.ts';
import type { Journal } from './journal.ts';

/** The event of a takeover or a failback waits so long for the first segment, which tells what was lost; some GOPs are longer than others. */
const lossKnownWithin = millis(15_000);

export interface ChronicleOptions {
  readonly self: ServerName;
  readonly clock: Clock;
  /** The group's clock. */
  readonly utc: () => UnixMicros;
  readonly incarnation: () => Incarnation;
  readonly journal: Journal;
  readonly log: Log;
  /** Where the timeline of the stream ends as far as this server saw: the last published segment, else when `owner` was last heard. */
  readonly lastEnd: (stream: StreamName, owner: ServerName | undefined) => Ticks | undefined;
  /** Where the server that gave the stream back ended, as it tells itself; undefined when it can't. Never rejects. */
  readonly predecessorEnd: (stream: StreamName, from: ServerName) => Promise<Ticks | undefined>;
  /** Every loss, as it becomes known. */
  readonly onLost: (lost: Millis) => void;
}

interface Takeover {
  readonly from: ServerName | undefined;
  readonly cause: string;
  readonly endBefore: Ticks | undefined;
  tookMs: number | undefined;
  cancel: (() => void) | undefined;
}

interface Failback {
  readonly told: Told;
  /** The predecessor's end, once it was asked. */
  end: { readonly at: Ticks | undefined } | undefined;
  cancel: () => void;
}

/** Writes what happens into the journal and the log, with what it cost: the time it took and the video that was lost. */
export class Chronicle {
  readonly #options: ChronicleOptions;
  readonly #takeovers = new Map<StreamName, Takeover>();
  readonly #failbacks = new Map<StreamName, Failback>();
  readonly #firstStarts = new Map<StreamName, Ticks>();
  #sequence = 0;
  #life: Incarnation | undefined;

  constructor(options: ChronicleOptions) {
    this.#options = options;
  }

  /** Takes what the core told. */
  notice(notice: ClusterNotice): void {
    const { log, self } = this.#options;
    log.debug('notice', { notice });
    if (notice.kind === 'takeover') this.#takeoverBegins(notice);
    else if (notice.kind === 'captured') this.#captured(notice);
    else if (notice.kind === 'failback') this.#failbackBegins(notice);
    else {
      const told = tell(notice, self);
      if (told !== undefined) this.write(told);
    }
  }

  /** A capture published a segment. */
  segment(stream: StreamName, start: Ticks): void {
    if (!this.#firstStarts.has(stream)) this.#firstStarts.set(stream, start);
    const takeover = this.#takeovers.get(stream);
    if (takeover?.tookMs !== undefined) this.#takeoverEnds(stream, takeover);
    this.#failbackMayEnd(stream);
  }

  /** A capture begins or ends: the next segment is a first one. */
  captureChanged(stream: StreamName): void {
    const failback = this.#failbacks.get(stream);
    if (failback !== undefined) this.#failbackEnds(stream, failback);
    this.#firstStarts.delete(stream);
  }

  write(told: Told): void {
    const { self, utc, incarnation, journal, log, onLost } = this.#options;
    const life = incarnation();
    if (life !== this.#life) this.#sequence = 0;
    this.#life = life;
    if (told.lostMs !== undefined) onLost(millis(told.lostMs));
    journal.add({ server: self, life, sequence: ++this.#sequence, at: utc(), ...told });
    const { message, ...fields } = told;
    log[told.kind === 'server-down' || told.kind === 'source-lost' ? 'warn' : 'info'](message, fields);
  }

  close(): void {
    for (const [stream, takeover] of this.#takeovers) {
      if (takeover.tookMs !== undefined) this.#takeoverEnds(stream, takeover);
    }
    for (const [stream, failback] of this.#failbacks) this.#failbackEnds(stream, failback);
  }

  #takeoverBegins(notice: Extract<ClusterNotice, { kind: 'takeover' }>): void {
    const { stream, from, cause } = notice;
    const endBefore = this.#options.lastEnd(stream, from);
    this.#takeovers.get(stream)?.cancel?.();
    this.#takeovers.set(stream, { from, cause, endBefore, tookMs: undefined, cancel: undefined });
    this.#options.log.info('takeover begins', { stream, from, cause });
  }

  #captured(notice: Extract<ClusterNotice, { kind: 'captured' }>): void {
    const { clock, log } = this.#options;
    const takeover = this.#takeovers.get(notice.stream);
    log.info('captured', { ...notice, kind: undefined, tookMs: Math.round(notice.tookMs) });
    if (takeover === undefined || takeover.tookMs !== undefined) return;
    takeover.tookMs = Math.round(notice.tookMs);
    const deadline = after(clock.monotonic(), lossKnownWithin);
    takeover.cancel = clock.setTimer(deadline, () => this.#takeoverEnds(notice.stream, takeover));
  }

  #takeoverEnds(stream: StreamName, takeover: Takeover): void {
    takeover.cancel?.();
    this.#takeovers.delete(stream);
    const { from, cause, tookMs, endBefore } = takeover;
    const lostMs = lostBetween(endBefore, this.#firstStarts.get(stream));
    const { self } = this.#options;
    const cost = lostMs === undefined ? '' : `, ${seconds(lostMs)} of video lost`;
    this.write({
      kind: 'takeover',
      stream,
      ...(from !== undefined && { from }),
      to: self,
      cause,
      ...(tookMs !== undefined && { tookMs }),
      ...(lostMs !== undefined && { lostMs }),
      message: `${stream} taken over by ${self}${from === undefined ? '' : ` from ${from}`}: ${cause}${cost}`,
    });
  }

  /**
   * Nothing here knows where the predecessor ended: this server's own list reaches further by now, and a server that nobody views the stream at
   * has seen no other. With `handover=break` there is no segment yet.
   */
  #failbackBegins(notice: Extract<ClusterNotice, { kind: 'failback' }>): void {
    const { clock, self, predecessorEnd } = this.#options;
    const { stream, from } = notice;
    const told = tell(notice, self);
    if (told === undefined) return;
    const earlier = this.#failbacks.get(stream);
    if (earlier !== undefined) this.#failbackEnds(stream, earlier);
    const deadline = after(clock.monotonic(), lossKnownWithin);
    const cancel = clock.setTimer(deadline, () => this.#failbackEnds(stream, failback));
    const failback: Failback = { told, end: undefined, cancel };
    this.#failbacks.set(stream, failback);
    void predecessorEnd(stream, from).then((at) => {
      failback.end = { at };
      this.#failbackMayEnd(stream);
    });
  }

  #failbackMayEnd(stream: StreamName): void {
    const failback = this.#failbacks.get(stream);
    if (failback?.end !== undefined && this.#firstStarts.has(stream)) this.#failbackEnds(stream, failback);
  }

  #failbackEnds(stream: StreamName, { told, end, cancel }: Failback): void {
    cancel();
    this.#failbacks.delete(stream);
    const lostMs = lostBetween(end?.at, this.#firstStarts.get(stream));
    const cost = lostMs === undefined || lostMs === 0 ? '' : `, ${seconds(lostMs)} of video lost`;
    this.write({ ...told, ...(lostMs !== undefined && { lostMs }), message: `${told.message}${cost}` });
  }
}

function lostBetween(end: Ticks | undefined, start: Ticks | undefined): number | undefined {
  if (end === undefined || start === undefined) return undefined;
  return Math.max(0, Math.round(((start - end) * 1000) / timescale90k));
}
