import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, between, type Instant, instant, type Millis, millis } from '../../units/time.ts';
import { Changes, type HoldCount } from '../ports/changes.ts';
import type { DeliveryPorts, Unsubscribe } from '../ports/ports.ts';
import { hopsOf, redirectLocation } from '../route/hops.ts';
import type { Reach } from '../route/reach.ts';
import type { ViewerRequest } from '../route/request.ts';
import { targetPath } from '../route/target.ts';
import { longestHold, type Way, wayTo } from '../route/way.ts';
import { Fanout } from './fanout.ts';
import type { MpegtsSink } from './viewer.ts';

/** A player that reconnects finds the last keyframe still there. Longer than a request may wait for a first one. */
const lingering = millis(longestHold + 2000);
/** Whether an owner is down is not announced; it is looked at again so often. */
const lookAgain = millis(500);

export type MpegtsAnswer =
  | { readonly kind: 'redirect'; readonly location: string }
  /** There is a picture: attach to begin; the function that this returns ends it. */
  | { readonly kind: 'mpegts'; readonly attach: (sink: MpegtsSink) => Unsubscribe };

interface Entry {
  readonly fanout: Fanout;
  cancelLinger: Unsubscribe;
}

export interface MpegtsDeliveryOptions {
  readonly ports: DeliveryPorts;
  readonly clock: Clock;
  readonly holds: HoldCount;
  readonly reach: Reach;
}

/** Endless MPEG-TS: served by the owner, everybody else redirects to it; a former owner relays to the viewers that it has. */
export class MpegtsDelivery {
  readonly #options: MpegtsDeliveryOptions;
  readonly #entries = new Map<StreamName, Entry>();

  constructor(options: MpegtsDeliveryOptions) {
    this.#options = options;
  }

  get viewers(): number {
    return [...this.#entries.values()].reduce((sum, { fanout }) => sum + fanout.viewers, 0);
  }

  /** For a stream of the configuration; answers within the longest hold. Rejects with `AppError`. */
  async answer(request: ViewerRequest): Promise<MpegtsAnswer> {
    const arrived = this.#options.clock.monotonic();
    const way = await this.#way(request, arrived);
    switch (way.kind) {
      case 'redirect':
        return this.#redirect(request, way.to, way.hops);
      case 'refuse':
        throw new AppError(way.code, 'no server of the group serves the stream at this moment');
      case 'serve':
      case 'relay':
        return this.#serve(request, after(arrived, longestHold));
    }
  }

  close(): void {
    for (const { fanout, cancelLinger } of this.#entries.values()) {
      cancelLinger();
      fanout.close();
    }
    this.#entries.clear();
  }

  async #way(request: ViewerRequest, arrived: Instant): Promise<Exclude<Way, { readonly kind: 'wait' }>> {
    const { ports, clock, holds, reach } = this.#options;
    const { stream } = request.target;
    const hops = hopsOf(request.query);
    const changes = new Changes(clock, holds);
    const unsubscribe = ports.group.onOwnerChange(stream, () => changes.notify());
    try {
      for (;;) {
        const way = this.#wayNow(stream, hops, arrived);
        if (way.kind === 'redirect') {
          const to = reach.known(way.to) ?? (await reach.find(way.to));
          if (to !== undefined) return { ...way, to };
        } else if (way.kind !== 'wait') {
          return way;
        }
        const until = after(arrived, way.kind === 'wait' ? way.until : longestHold);
        const inVain = way.kind === 'redirect' && clock.monotonic() >= until;
        if (request.signal().aborted || inVain) {
          return { kind: 'refuse', code: 'stream-unavailable' };
        }
        const deadline = Math.min(until, after(clock.monotonic(), lookAgain));
        await changes.next(instant(deadline), request.signal());
      }
    } finally {
      unsubscribe();
    }
  }

  #wayNow(stream: StreamName, hops: number, arrived: Instant): Way {
    const { group } = this.#options.ports;
    const owner = group.owner(stream);
    return wayTo({
      self: group.self,
      owner,
      ownerDown: owner !== undefined && owner !== group.self && group.isDown(owner),
      hops,
      waited: between(arrived, this.#options.clock.monotonic()),
    });
  }

  #redirect(request: ViewerRequest, to: ServerName, hops: number): MpegtsAnswer {
    const publicUrl = this.#options.ports.group.publicUrl(to);
    if (publicUrl === undefined) throw new AppError('stream-unavailable', 'the owner left the configuration');
    return {
      kind: 'redirect',
      location: redirectLocation({ publicUrl, path: targetPath(request.target), query: request.query, hops }),
    };
  }

  async #serve(request: ViewerRequest, deadline: Instant): Promise<MpegtsAnswer> {
    const { stream } = request.target;
    const { fanout } = this.#entry(stream);
    fanout.demand();
    this.#lingerLater(stream, lingering);
    await fanout.begun(deadline, request.signal());
    if (!fanout.hasBeginning) throw new AppError('stream-unavailable', 'the stream has shown no keyframe yet');
    return { kind: 'mpegts', attach: (sink) => this.#attach(stream, sink) };
  }

  #attach(stream: StreamName, sink: MpegtsSink): Unsubscribe {
    const entry = this.#entry(stream);
    entry.cancelLinger();
    entry.fanout.demand();
    const detach = entry.fanout.attach(sink);
    return () => {
      detach();
      this.#lingerLater(stream, lingering);
    };
  }

  #entry(stream: StreamName): Entry {
    const known = this.#entries.get(stream);
    if (known !== undefined) return known;
    const { ports, clock, holds } = this.#options;
    const fanout = new Fanout({ stream, group: ports.group, mpegts: ports.mpegts, clock, holds });
    const entry: Entry = { fanout, cancelLinger: () => undefined };
    this.#entries.set(stream, entry);
    fanout.start();
    return entry;
  }

  /** Ends the fan-out some time after the last viewer, or after a request that nobody attached for. */
  #lingerLater(stream: StreamName, span: Millis): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined || entry.fanout.viewers > 0) return;
    const { clock } = this.#options;
    entry.cancelLinger();
    entry.cancelLinger = clock.setTimer(after(clock.monotonic(), span), () => {
      if (entry.fanout.viewers > 0) return;
      entry.fanout.close();
      this.#entries.delete(stream);
    });
  }
}
