import type { SourceConfig } from '../../config/model/config.ts';
import type { MediaSink } from '../../media/track.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Millis, millis } from '../../units/time.ts';
import { Backoff } from './backoff.ts';
import { Connection, soundAfter } from './connection.ts';
import type { RunInput } from './input.ts';
import { Trial } from './trial.ts';

/** With several sources each gets its share of `source_timeout`, so that all are tried before the capture is given up; never less than this. */
const leastPatience = millis(2_000);
/** Between rounds: a camera that restarts is back within seconds, and the first try should be among the first to find it, */
const firstPause = millis(250);
/** and a source that comes back is missed for no longer than half of what viewers wait through. */
const longestPause = millis(5_000);
/** While another source is read, the preferred ones are looked at every so often, */
const firstTrial = millis(30_000);
/**
 * more rarely after each return to one of them, which costs viewers a change of pictures, and after each look that led to nothing though
 * frames came, which costs the camera a second connection for all its time.
 */
const longestTrial = millis(600_000);
/** Keyframes farther apart than the longest segment are not waited for. */
const longestKeyframeWait = millis(30_000);
/** A preferred source that ran for so long is one that does not come and go. */
const steadyAfter = millis(300_000);

export interface SourceLoopOptions {
  readonly sources: readonly SourceConfig[];
  readonly sourceTimeout: Millis;
  /** Each source's machine takes one connection: none is looked at while another one of the same machine is read. */
  readonly oneConnection: boolean;
  readonly runInput: RunInput;
  readonly clock: Clock;
  readonly random: () => number;
  /** A connection's media are used from now on; returns where they go. Its `alive` is to be called at each frame that shows it to be so. */
  readonly open: (connection: Connection) => MediaSink;
  /** They are used no more. The connection is closed, or, when that to the source `by` takes its place, about to be. */
  readonly ended: (source: number, error: AppError | undefined, by?: number) => void;
  /** Whether this is a moment at which the source may be changed. */
  readonly mayChange: () => boolean;
}

/**
 * Reads the sources of a stream, in order, again and again, until aborted. The earlier ones are preferred: while a later one is read, they
 * are looked at now and then, and the first that has sent for a while takes its place at one of its keyframes.
 */
export class SourceLoop {
  readonly #options: SourceLoopOptions;
  readonly #pause: Backoff;
  readonly #trialPauses: Backoff;
  #trialPause: Millis;
  #sources: readonly SourceConfig[];
  #current: Connection | undefined;
  #changed: () => void = () => undefined;
  /** Connections that were replaced. */
  readonly #closing = new Set<Promise<void>>();

  constructor(options: SourceLoopOptions) {
    this.#options = options;
    this.#sources = options.sources;
    this.#pause = new Backoff(options.random, { first: firstPause, longest: longestPause });
    this.#trialPauses = new Backoff(options.random, { first: firstTrial, longest: longestTrial });
    this.#trialPause = this.#trialPauses.next();
  }

  /** Ends the present connection for this reason; the next follows as after any other failure. */
  interrupt(reason: AppError): void {
    this.#current?.end(reason);
  }

  /** Goes on with these. The connection stays where its source is still among them; `index` follows. */
  use(sources: readonly SourceConfig[]): void {
    this.#sources = sources;
    const current = this.#current;
    if (current === undefined) return;
    const index = sources.findIndex(({ url }) => url === current.source.url);
    if (index >= 0) current.index = index;
    else current.end(new AppError('source-closed', 'its url left the configuration'));
    this.#changed();
  }

  /** Begins with the source `first`, if there is such a one. Resolves when aborted and the last connection is closed. */
  async run(signal: AbortSignal, first = 0): Promise<void> {
    let tried = 0;
    for (let index = first < this.#sources.length ? first : 0; !signal.aborted; ) {
      const { brokeOff, index: last } = await this.#read(index, signal);
      const { length } = this.#sources;
      tried = brokeOff ? length : tried + 1;
      index = (last + 1) % length;
      if (tried < length) continue;
      tried = 0;
      index = 0;
      if (!signal.aborted) await this.#rest(this.#pause.next(), signal);
    }
    await Promise.all(this.#closing);
  }

  get #patience(): Millis {
    const { sourceTimeout } = this.#options;
    return millis(Math.min(sourceTimeout, Math.max(leastPatience, sourceTimeout / this.#sources.length)));
  }

  async #rest(pause: Millis, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(pause, signal);
    } catch {
      // Aborted: the loop sees it.
    }
  }

  /** Reads a source, and those that take its place meanwhile, until the last of them ends. */
  async #read(first: number, signal: AbortSignal): Promise<Connection> {
    const { open, ended } = this.#options;
    let connection = this.#connect(first, signal, open);
    for (;;) {
      this.#current = connection;
      const stop = new AbortController();
      const changed = new Promise<'changed'>((resolve) => {
        this.#changed = () => resolve('changed');
      });
      const trials = this.#lookForBetter(connection, signal, stop.signal);
      const end = connection.closed.then(() => 'closed' as const);
      const why = await Promise.race([trials, end, changed]);
      const isOver = why === 'closed' && this.#current === connection;
      if (isOver) ended(connection.index, connection.error);
      stop.abort();
      const better = await trials;
      if (isOver && better === undefined) break;
      connection = better ?? connection;
    }
    this.#current = undefined;
    if (connection.index === 0 && connection.lasted > steadyAfter) {
      this.#trialPauses.reset();
      this.#trialPause = this.#trialPauses.next();
    }
    return connection;
  }

  /** Looks at the sources that are preferred to the one that is read; resolves with the one that has taken its place, or when stopped. */
  async #lookForBetter(read: Connection, signal: AbortSignal, stop: AbortSignal): Promise<Connection | undefined> {
    const preferred = this.#sources.flatMap((source, index) =>
      index < read.index && this.#mayTry(source, read.source) ? [index] : [],
    );
    if (preferred.length === 0) return stopped(stop);
    while (!stop.aborted) {
      await this.#rest(this.#trialPause, stop);
      for (const index of preferred) {
        if (stop.aborted) break;
        if (!this.#options.mayChange()) continue;
        const trial = await this.#try(index, read, { signal, stop });
        if (trial !== undefined) return trial;
      }
    }
    return undefined;
  }

  #mayTry(preferred: SourceConfig, read: SourceConfig): boolean {
    return !this.#options.oneConnection || hostOf(preferred) !== hostOf(read);
  }

  /** Resolves with the connection when it is used instead of `read`; else when it is closed, which it is after a bounded time. */
  #try(
    index: number,
    read: Connection,
    { signal, stop }: { readonly signal: AbortSignal; readonly stop: AbortSignal },
  ): Promise<Connection | undefined> {
    const { mayChange, clock } = this.#options;
    return new Promise((resolve) => {
      const end = (): void => trial.end(new AppError('source-closed', 'it is not needed'));
      // What has frames when the one that is read has ended is a connection that need not be set up.
      let isNeeded = false;
      const onStop = (): void => {
        isNeeded = read.error !== undefined && trial.flows;
        if (!isNeeded) end();
      };
      const trial = this.#connect(index, signal, ({ alive }) => {
        return new Trial({
          alive,
          isGood: () => trial.isSound && mayChange() && !stop.aborted,
          isNeeded: () => isNeeded,
          take: () => {
            settle();
            resolve(trial);
            return isNeeded ? this.#follow(trial) : this.#replace(read, trial);
          },
        });
      });
      const cancelLimit = clock.setTimer(after(clock.monotonic(), this.#longestLook), () => {
        this.#trialPause = this.#trialPauses.next();
        end();
      });
      const settle = (): void => {
        stop.removeEventListener('abort', onStop);
        cancelLimit();
      };
      stop.addEventListener('abort', onStop, { once: true });
      void trial.closed.then(() => {
        settle();
        resolve(undefined);
      });
    });
  }

  /** A patience until frames come, another for the looks that make it sound, and one distance of keyframes. */
  get #longestLook(): Millis {
    return millis(2 * this.#patience + soundAfter + longestKeyframeWait);
  }

  /** `by` is read behind one that has ended. */
  #follow(by: Connection): MediaSink {
    this.#current = by;
    return this.#options.open(by);
  }

  #replace(read: Connection, by: Connection): MediaSink {
    const { open, ended } = this.#options;
    const reason = new AppError('source-closed', 'a url before it in the list is good again');
    read.replace(reason);
    const closing = read.closed.finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    ended(read.index, reason, by.index);
    this.#current = by;
    this.#trialPause = this.#trialPauses.next();
    return open(by);
  }

  #connect(index: number, signal: AbortSignal, sink: (connection: Connection) => MediaSink): Connection {
    const { runInput, clock, sourceTimeout } = this.#options;
    const source = this.#sources[index];
    if (source === undefined) throw new RangeError(`no source ${index}`);
    const patience = this.#patience;
    const sound = (): void => this.#pause.reset();
    return Connection.open({ index, source, runInput, clock, timeout: sourceTimeout, patience, signal, sink, sound });
  }
}

function stopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function hostOf({ url }: SourceConfig): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
