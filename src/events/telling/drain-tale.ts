import type { Cause } from '../../cluster/message/cause.ts';
import type { Clock } from '../../units/clock.ts';
import type { StreamName } from '../../units/ids.ts';
import { after, millis } from '../../units/time.ts';
import { lossPhrase, seconds, streams, type Told } from './describe.ts';

/**
 * The takers tell at once what their handovers lost, and it comes with the journal. Less than a leaving server waits for its last viewers
 * with the usual `segment_duration`, so that its word still reaches the others.
 */
const takersTellWithin = millis(3_000);

/** The end of a drain, as the core tells it. */
export interface DrainEnd {
  readonly cause: Cause;
  /** Streams that nobody took. */
  readonly left: number;
  readonly tookMs: number;
}

/** What a drain of this server came to: how many streams it gave away, and what that cost, as their takers measured it. */
export class DrainTale {
  readonly #clock: Clock;
  readonly #streams: number;
  readonly #given = new Set<StreamName>();
  readonly #lost = new Map<StreamName, number | undefined>();
  #ended: { readonly end: DrainEnd; readonly finish: () => void; readonly cancel: () => void } | undefined;

  /** `streams`: how many it had when it began. */
  constructor(clock: Clock, streams: number) {
    this.#clock = clock;
    this.#streams = streams;
  }

  /** A stream was given away. */
  gave(stream: StreamName): void {
    this.#given.add(stream);
    this.#mayFinish();
  }

  /** Its taker tells what that lost, milliseconds; undefined when it can't. */
  taken(stream: StreamName, lostMs: number | undefined): void {
    this.#lost.set(stream, lostMs);
    this.#mayFinish();
  }

  /** Nothing more will be given away: calls back as soon as all takers have told, or in a few seconds. */
  ended(end: DrainEnd, finish: () => void): void {
    const cancel = this.#clock.setTimer(after(this.#clock.monotonic(), takersTellWithin), () => this.finish());
    this.#ended = { end, finish, cancel };
    this.#mayFinish();
  }

  /** Ends the wait, if there is one. */
  finish(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    ended?.cancel();
    ended?.finish();
  }

  /** The event of this drain of server `self`. */
  tell({ cause, left, tookMs }: DrainEnd, self: Told['from'] & string): Told {
    const losses = [...this.#given].map((stream) => this.#lost.get(stream));
    const known = losses.every((loss): loss is number => loss !== undefined);
    const lostMs = known ? losses.reduce((sum, loss) => sum + loss, 0) : undefined;
    // Streams come during a drain, too: what it tried to get back, and got.
    const [given, all] = [this.#given.size, Math.max(this.#streams, this.#given.size + left)];
    const what = given === all ? streams(given) : `${given} of ${streams(all)}`;
    const rest = all - given - left;
    const cost = this.#given.size === 0 ? '' : lossPhrase(lostMs);
    const stays = cause === 'operator' ? 'stay, for nobody takes them' : 'ended, for nobody took them';
    const parts = [
      `${self} has given ${what} away in ${seconds(tookMs)}${cost}`,
      ...(left === 0 ? [] : [`${left} ${stays}`]),
      ...(rest === 0 ? [] : [`${rest} had no video to hand over`]),
    ];
    const message = parts.join('; ');
    return { kind: 'drained', from: self, cause, tookMs, ...(lostMs !== undefined && { lostMs }), message };
  }

  #mayFinish(): void {
    if ([...this.#given].every((stream) => this.#lost.has(stream))) this.finish();
  }
}
