import type { ClusterNotice } from '../cluster/event.ts';
import type { Clock } from '../units/clock.ts';
import type { Incarnation, ServerName, StreamName } from '../units/ids.ts';
import type { Log } from '../units/log.ts';
import { type Ticks, timescale90k } from '../units/ticks.ts';
import { after, type Millis, millis, type UnixMicros } from '../units/time.ts';
import { seconds, type Told, tell } from './describe.ts';
import type { Journal } from './journal.ts';

/** A takeover's event waits so long for its first segment, which tells what was lost; some GOPs are longer than others. */
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

/** Writes what happens into the journal and the log, with what it cost: the time it took and the video that was lost. */
export class Chronicle {
  readonly #options: ChronicleOptions;
  readonly #takeovers = new Map<StreamName, Takeover>();
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
    else {
      const told = tell(notice, self);
      if (told !== undefined) this.write(told.kind === 'failback' ? this.#withLoss(told) : told);
    }
  }

  /** A capture published a segment. */
  segment(stream: StreamName, start: Ticks): void {
    if (!this.#firstStarts.has(stream)) this.#firstStarts.set(stream, start);
    const takeover = this.#takeovers.get(stream);
    if (takeover?.tookMs !== undefined) this.#takeoverEnds(stream, takeover);
  }

  /** A capture begins or ends: the next segment is a first one. */
  captureChanged(stream: StreamName): void {
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

  #withLoss(told: Told): Told {
    if (told.stream === undefined) return told;
    const endBefore = this.#options.lastEnd(told.stream, undefined);
    const lostMs = lostBetween(endBefore, this.#firstStarts.get(told.stream));
    return lostMs === undefined ? told : { ...told, lostMs };
  }
}

function lostBetween(end: Ticks | undefined, start: Ticks | undefined): number | undefined {
  if (end === undefined || start === undefined) return undefined;
  return Math.max(0, Math.round(((start - end) * 1000) / timescale90k));
}
