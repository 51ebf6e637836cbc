import type { ClusterCore } from '../cluster/step/core.ts';
import type { Effect } from '../cluster/step/effect.ts';
import type { Event } from '../cluster/step/event.ts';
import type { ClusterNotice } from '../cluster/step/notice.ts';
import { unreachable } from '../units/assert.ts';
import type { Clock } from '../units/clock.ts';
import type { StreamName } from '../units/ids.ts';
import { after, type Instant, instant, millis, never } from '../units/time.ts';

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** The port to the peers. */
export interface PeersPort {
  poll(effect: Of<'poll'>): void;
  reply(reply: Of<'reply'>): void;
  replyProbe(reply: Of<'reply-probe'>): void;
  probe(effect: Of<'probe'>): void;
  askWitness(effect: Of<'ask-witness'>): void;
}

/** The port to what captures streams. */
export interface CapturePort {
  start(effect: Of<'start'>): void;
  stop(effect: Of<'stop'>): void;
}

export interface ShellPorts {
  readonly clock: Clock;
  readonly peers: PeersPort;
  readonly captures: CapturePort;
  readonly ownersChanged: (streams: readonly StreamName[]) => void;
  readonly notice: (notice: ClusterNotice) => void;
  /** The core asked for a new life: the owner of this shell closes it and makes another. */
  readonly reincarnate: (effect: Of<'reincarnate'>) => void;
  readonly left: () => void;
}

/**
 * No two wakes are closer than this, whatever the core's next instant: a core that named the past would otherwise take the
 * event loop for itself.
 */
const shortestWake = millis(1);

/** The loop around the pure core: takes events one at a time, performs their effects in order, keeps the one timer. */
export class Shell {
  readonly #core: ClusterCore;
  readonly #ports: ShellPorts;
  readonly #queue: Event[] = [];
  #busy = false;
  #closed = false;
  #timer: { readonly at: Instant; readonly cancel: () => void } | undefined;

  constructor(core: ClusterCore, ports: ShellPorts) {
    this.#core = core;
    this.#ports = ports;
  }

  get core(): ClusterCore {
    return this.#core;
  }

  /** Takes an event; at once, or behind those under way when an effect causes it. Ignored after `close`. */
  post(event: Event): void {
    if (this.#closed) return;
    this.#queue.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#drain();
    } finally {
      this.#busy = false;
    }
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #drain(): void {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      for (const effect of this.#core.step(event, this.#ports.clock.monotonic())) {
        // A new life or the end: what the old core still wanted is void.
        if (this.#closed) return;
        this.#perform(effect);
      }
    }
  }

  #arm(): void {
    if (this.#closed) return;
    const earliest = after(this.#ports.clock.monotonic(), shortestWake);
    const next = this.#core.nextWake();
    const at = instant(Math.max(earliest, Math.min(next, Number.MAX_SAFE_INTEGER)));
    // A timer that fires too early costs a step that does nothing; setting one anew for each event would cost more.
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (next === never) return;
    const cancel = this.#ports.clock.setTimer(at, () => {
      this.#timer = undefined;
      this.post({ type: 'wake' });
    });
    this.#timer = { at, cancel };
  }

  #perform(effect: Effect): void {
    const { peers, captures } = this.#ports;
    switch (effect.type) {
      case 'poll':
        peers.poll(effect);
        break;
      case 'reply':
        peers.reply(effect);
        break;
      case 'probe':
        peers.probe(effect);
        break;
      case 'ask-witness':
        peers.askWitness(effect);
        break;
      case 'reply-probe':
        peers.replyProbe(effect);
        break;
      case 'start':
        captures.start(effect);
        break;
      case 'stop':
        captures.stop(effect);
        break;
      case 'owners-changed':
        this.#ports.ownersChanged(effect.streams);
        break;
      case 'notice':
        this.#ports.notice(effect.notice);
        break;
      case 'reincarnate':
        this.#ports.reincarnate(effect);
        break;
      case 'left':
        this.#ports.left();
        break;
      default:
        unreachable(effect);
    }
  }
}
