import type { ServerName, StreamName } from '../../units/ids.ts';
import { timescale90k } from '../../units/ticks.ts';
import { type UnixMicros, unixMicros } from '../../units/time.ts';
import type { Hole, Timelines } from '../ends/timelines.ts';
import { lossPhrase, seconds, type Told, whyInterrupted } from './describe.ts';
import { lossBetween } from './loss.ts';
import type { Repeats } from './repeats.ts';
import { type Source, Sources } from './sources.ts';
import { Standstills } from './standstills.ts';
import type { Stories } from './stories.ts';

/** Shorter holes are the jitter of an anchor that a new connection takes. */
const shortestHole = (timescale90k * 250) / 1000;

export function isMissing({ from, to }: Hole): boolean {
  return to - from >= shortestHole;
}

export interface SourceTaleOptions {
  readonly self: ServerName;
  /** The group's clock. */
  readonly utc: () => UnixMicros;
  readonly timelines: Timelines;
  readonly stories: Stories;
  readonly repeats: Repeats;
  readonly write: (told: Told) => void;
}

/** What the sources of this server's captures do to the video: another one is read, a hole comes, frames end and return. */
export class SourceTale {
  readonly #options: SourceTaleOptions;
  readonly #sources = new Sources();
  readonly #standstills = new Standstills();

  constructor(options: SourceTaleOptions) {
    this.#options = options;
  }

  /** A capture begins; `cause`: why. */
  begins(stream: StreamName, cause: string | undefined): void {
    this.#sources.begins(stream, cause);
  }

  /** A segment is published behind this hole, if there is one that nobody else tells. */
  flows(stream: StreamName, hole: Hole | undefined): void {
    if (hole !== undefined && isMissing(hole)) this.#interrupted(stream, hole);
    this.#sources.flows(stream);
  }

  /** A connection to a source of the stream has media. */
  uses(stream: StreamName, source: Source): void {
    const left = this.#sources.uses(stream, source);
    if (left !== undefined) this.#switched(stream, source, left);
  }

  /** A connection to a source of the stream ended or could not be made; `error` without secrets. */
  failed(stream: StreamName, index: number, error: string): void {
    this.#sources.failed(stream, index, error);
  }

  /** This process did nothing for so long until now. */
  stoodStill(forMs: number): void {
    this.#standstills.add(this.#last(forMs));
  }

  /** No frames for `darkMs`. */
  lost(stream: StreamName, darkMs: number, tell: (because: string | undefined) => Told): void {
    const stood = this.#standstills.explain(this.#last(darkMs));
    const told = tell(stood ? whyInterrupted('stood-still') : undefined);
    this.#options.write({ ...told, ...(stood && { cause: 'stood-still' }), ...this.#sources.shown(stream) });
  }

  /** Of an outage that ends with a takeover, that tells what was lost. */
  found(stream: StreamName, told: Told): void {
    const { timelines, stories, write } = this.#options;
    if (timelines.isAwaited(stream)) write(told);
    else stories.withOwnLoss(stream, told, write);
  }

  #last(ms: number): { readonly from: UnixMicros; readonly to: UnixMicros } {
    const to = this.#options.utc();
    return { from: unixMicros(Math.max(0, to - ms * 1000)), to };
  }

  #switched(
    stream: StreamName,
    { index, of, url }: Source,
    left: { readonly index: number; readonly error: string },
  ): void {
    const { self, repeats, timelines, stories, write } = this.#options;
    const which = `source ${index + 1} of ${of}, ${url}`;
    const common = { kind: 'source-switched', stream, to: self, source: url, cause: left.error } as const;
    const told: Told = {
      ...common,
      message: `${stream} goes on with ${which}: source ${left.index + 1} was left: ${left.error}`,
    };
    const tellIt = (event: Told): void =>
      repeats.happened(
        `source ${stream}`,
        // At the very beginning there was nothing before.
        event.lostMs === undefined ? { lostMs: 0 } : event,
        () => write(event),
        ({ times, within, loss }) => {
          const message = `${stream} changed its source ${times} times in ${seconds(within)}, lastly to ${which}: ${left.error}`;
          write({ ...common, tookMs: within, ...loss, message: message + lossPhrase(loss.lostMs) });
        },
      );
    // Of a takeover that comes to another source at once, the takeover tells the loss.
    if (timelines.isAwaited(stream)) tellIt(told);
    else stories.withOwnLoss(stream, told, tellIt);
  }

  #interrupted(stream: StreamName, { from, to }: Hole): void {
    const { self, repeats, write } = this.#options;
    const loss = lossBetween(from, to);
    const { lostFrom = unixMicros(0), lostTo = lostFrom } = loss;
    const stood = this.#standstills.explain({ from: lostFrom, to: lostTo });
    const cause = stood ? 'stood-still' : this.#sources.whyInterrupted(stream);
    const why = whyInterrupted(cause);
    const source = this.#sources.shown(stream);
    const common = { kind: 'interrupted', stream, from: self, to: self, cause, ...source } as const;
    const once = (): void => {
      const message = `${stream} was interrupted at ${self}: ${why}${lossPhrase(loss.lostMs)}`;
      write({ ...common, ...loss, message });
    };
    repeats.happened(`hole ${stream}`, loss, once, (all) => {
      const message = `${stream} was interrupted ${all.times} times in ${seconds(all.within)} at ${self}, lastly: ${why}`;
      write({ ...common, tookMs: all.within, ...all.loss, message: message + lossPhrase(all.loss.lostMs) });
    });
  }
}
