import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import { ticks, timescale90k } from '../units/ticks.ts';
import { after } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import { LiveStreams } from './live/live-streams.ts';
import type { ShownList } from './live/shown-list.ts';
import { type MpegtsAnswer, MpegtsDelivery } from './mpegts/mpegts-delivery.ts';
import { playerPage } from './pages.ts';
import { pathwaysFor } from './pathways.ts';
import { listFor } from './playlist-answer.ts';
import { HoldCount } from './ports/changes.ts';
import type { DeliveryPorts } from './ports/ports.ts';
import { hopsOf, redirectLocation } from './route/hops.ts';
import { Reach } from './route/reach.ts';
import type { Answer, ViewerRequest } from './route/request.ts';
import { type Target, targetPath } from './route/target.ts';
import { longestHold } from './route/way.ts';
import { findNow, findSegment, type SegmentSearch } from './segment-answer.ts';

/** A day, in seconds: its list has 43,200 segments, and 3 MB. */
const longestArchive = 86_400;

/** What any server of the group answers to any viewer's request for any stream. Closes with the server. */
export class Delivery {
  readonly #ports: DeliveryPorts;
  readonly #clock: Clock;
  readonly #holds = new HoldCount();
  readonly #reach: Reach;
  readonly #streams: LiveStreams;
  readonly #mpegts: MpegtsDelivery;

  constructor(options: { readonly ports: DeliveryPorts; readonly clock: Clock }) {
    this.#ports = options.ports;
    this.#clock = options.clock;
    const { group, windows, reach } = options.ports;
    this.#reach = new Reach(reach, group, this.#clock);
    this.#streams = new LiveStreams({
      group,
      windows,
      clock: this.#clock,
      holds: this.#holds,
      reach: this.#reach,
    });
    this.#mpegts = new MpegtsDelivery({ ...options, holds: this.#holds, reach: this.#reach });
  }

  /** How many requests wait for something now. */
  get held(): number {
    return this.#holds.held;
  }

  /** How many viewers of endless MPEG-TS this server has. */
  get mpegtsViewers(): number {
    return this.#mpegts.viewers;
  }

  /** Of the configuration in force, in the order of the file. */
  streams(): readonly StreamName[] {
    return this.#ports.group.streams();
  }

  /** HLS, and the page that plays it: at once when it can be, else by promise. Throws and rejects with `AppError`. */
  answer(request: ViewerRequest): Answer | Promise<Answer> {
    const { target } = request;
    this.#assertConfigured(target.stream);
    switch (target.kind) {
      case 'media':
        return this.#withList(request, (list) => ({ kind: 'playlist', body: list.media }));
      case 'multivariant':
        return this.#multivariant(request);
      case 'segment':
        return this.#segment(request, target);
      case 'init':
        return this.#init(request, target);
      case 'player':
        return { kind: 'page', html: playerPage(target.stream) };
      case 'archive':
        return this.#archive(target);
      case 'recorded':
        return this.#recorded(target);
      case 'mpegts':
        throw new AppError('not-found', 'MPEG-TS is not HLS');
    }
  }

  /** Endless MPEG-TS. Rejects with `AppError`. */
  async mpegts(request: ViewerRequest): Promise<MpegtsAnswer> {
    this.#assertConfigured(request.target.stream);
    return this.#mpegts.answer(request);
  }

  close(): void {
    this.#streams.close();
    this.#mpegts.close();
  }

  #assertConfigured(stream: StreamName): void {
    if (this.#ports.group.isConfigured(stream)) return;
    throw new AppError('stream-unknown', 'no stream of that name is in the configuration', { detail: { stream } });
  }

  /** Any list will do: it tells which codecs there are, and the player reads the media playlist next. */
  #multivariant(request: ViewerRequest): Answer | Promise<Answer> {
    const { stream } = request.target;
    const pathways = asksForPathways(request.query) ? pathwaysFor(this.#ports.group, stream) : undefined;
    const render = (list: ShownList): Answer => ({
      kind: 'playlist',
      body: pathways === undefined ? list.multivariant : list.multivariantWith(pathways),
    });
    const { list, isLost } = this.#streams.get(stream);
    return list === undefined || isLost ? this.#withList(request, render) : render(list);
  }

  #withList(request: ViewerRequest, render: (list: ShownList) => Answer): Answer | Promise<Answer> {
    const list = listFor(this.#streams.get(request.target.stream), this.#clock, request.signal);
    return list instanceof Promise ? list.then(render) : render(list);
  }

  #segment(request: ViewerRequest, target: Target & { readonly kind: 'segment' }): Answer | Promise<Answer> {
    const { segments, group } = this.#ports;
    const location = segments.location(target.stream, target.segment);
    if (location !== undefined) return { kind: 'segment', location };
    const live = this.#streams.get(target.stream);
    const search = {
      self: group.self,
      segment: target.segment,
      hops: hopsOf(request.query),
      isHere: () => segments.location(target.stream, target.segment) !== undefined,
    };
    const place = findNow(live, search);
    const to = place?.kind === 'elsewhere' ? this.#reach.known(place.holder) : undefined;
    if (to !== undefined) return this.#redirect(request, to, search.hops + 1);
    return this.#segmentLater(request, live, search);
  }

  async #segmentLater(request: ViewerRequest, live: LiveStream, search: SegmentSearch): Promise<Answer> {
    const wait = { reach: this.#reach, clock: this.#clock, signal: request.signal() };
    const to = await findSegment(live, search, wait);
    if (to !== undefined) return this.#redirect(request, to, search.hops + 1);
    const location = this.#ports.segments.location(request.target.stream, search.segment);
    if (location === undefined) throw new AppError('segment-gone', 'the segment was erased while it was asked for');
    return { kind: 'segment', location };
  }

  async #archive({ stream, from, duration }: Target & { readonly kind: 'archive' }): Promise<Answer> {
    if (duration === 0 || duration > longestArchive) {
      throw new AppError('bad-request', `the archive is played for 1 to ${longestArchive} seconds at once`);
    }
    const span = { start: ticks(from * timescale90k), end: ticks((from + duration) * timescale90k) };
    const body = await this.#ports.archive.playlist(stream, span);
    if (body === undefined) throw new AppError('segment-gone', 'nothing of that time is recorded at this server');
    return { kind: 'playlist', body: new TextEncoder().encode(body) };
  }

  async #recorded({ stream, uri }: Target & { readonly kind: 'recorded' }): Promise<Answer> {
    const { archive } = this.#ports;
    if (uri.kind === 'init') return { kind: 'init', body: await archive.init(stream, uri.run) };
    return { kind: 'segment', location: await archive.segment(stream, uri) };
  }

  #redirect(request: ViewerRequest, to: ServerName, hops: number): Answer {
    const publicUrl = this.#ports.group.publicUrl(to);
    if (publicUrl === undefined) throw new AppError('stream-unavailable', 'the holder left the configuration');
    return {
      kind: 'redirect',
      location: redirectLocation({ publicUrl, path: targetPath(request.target), query: request.query, hops }),
    };
  }

  #init(request: ViewerRequest, target: Target & { readonly kind: 'init' }): Answer | Promise<Answer> {
    const live = this.#streams.get(target.stream);
    const body = live.init(target.init);
    if (body !== undefined) return { kind: 'init', body };
    return this.#initLater(live, target.init, request.signal());
  }

  async #initLater(live: LiveStream, id: string, signal: AbortSignal): Promise<Answer> {
    const deadline = after(this.#clock.monotonic(), longestHold);
    for (;;) {
      const body = live.init(id);
      if (body !== undefined) return { kind: 'init', body };
      // A current list names all the inits that it needs; a name that isn't among them never comes.
      if (live.list !== undefined && live.isCurrent) throw new AppError('segment-gone', 'no such init segment');
      if (signal.aborted || this.#clock.monotonic() >= deadline) {
        throw new AppError('stream-unavailable', 'the init segment is not known yet');
      }
      await live.changed(deadline, signal);
    }
  }
}

function asksForPathways(query: string): boolean {
  return query !== '' && query.split('&').includes('pathways=1');
}
