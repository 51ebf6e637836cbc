import { Recorder } from '../../src/capture/publish/recorder.ts';
import { liveSegment, segmentLocation } from '../../src/capture/publish/segment-fact.ts';
import type { RecordedFragment } from '../../src/capture/run/recorded-fragment.ts';
import { bounds } from '../../src/cluster/step/bounds.ts';
import type { StreamConfig } from '../../src/config/model/config.ts';
import { nextShown } from '../../src/delivery/live/shown-window.ts';
import type { FirstPlace, WorkerCommand } from '../../src/facts/protocol.ts';
import type { Fragment } from '../../src/hls/fragmenter.ts';
import type { LiveWindow } from '../../src/hls/live-window.ts';
import { SegmentGrid } from '../../src/hls/segment-grid.ts';
import { Captures } from '../../src/server/media/captures.ts';
import { lastOf } from '../../src/server/media/last-published.ts';
import { OwnWindows } from '../../src/server/media/own-windows.ts';
import { type ServerName, serverName, streamName } from '../../src/units/ids.ts';
import { after, between, type Instant, instant, type Millis, millis, unixMicros } from '../../src/units/time.ts';
import { ManualClock } from './manual-clock.ts';

const cam = streamName('cam');
const config: Omit<StreamConfig, 'segmentDuration'> = {
  name: cam,
  sources: [{ url: 'http://camera/', protocol: 'mpegts-http' }],
  clusterIngest: { captureAt: undefined, handover: 'break' },
  sourceTimeout: millis(60_000),
  dvr: undefined,
};
/** The camera's fragments, milliseconds. */
const stepMs = 500;

/** Of the group, and of the camera. */
export class ModelTime {
  readonly clock = new ManualClock();

  get utc(): number {
    return this.clock.wall();
  }

  get ticks(): number {
    return (this.utc * 9) / 100;
  }
}

interface ModelCapture {
  readonly recorder: Recorder;
  /** A keyframe has begun what is recorded. */
  open: boolean;
}

type Segments = LiveWindow['segments'];

/** A server's captures, with media workers whose inputs are fragments of a model camera; recording and numbering are the real ones. */
export class ModelServer {
  readonly name: ServerName;
  readonly windows: OwnWindows;
  readonly captures: Captures;
  /** How long its inputs take to close, during which they still bring frames. */
  closeMs = 50;
  /** Whether its newest capture has published. */
  hasPublished = false;
  #seen: LiveWindow | undefined;
  readonly #time: ModelTime;
  readonly #segmentDuration: Millis;
  readonly #inputs = new Map<number, ModelCapture>();

  constructor(
    name: ServerName,
    time: ModelTime,
    around: {
      readonly segmentDuration: Millis;
      readonly stopped: (attempt: number) => void;
      readonly published: (segments: Segments) => void;
      readonly windowOf: (server: ServerName) => LiveWindow | undefined;
    },
  ) {
    this.name = name;
    this.#time = time;
    const { segmentDuration } = around;
    this.#segmentDuration = segmentDuration;
    this.windows = new OwnWindows(name, time.clock);
    this.windows.onChange(cam, () => around.published(this.windows.get(cam)?.segments ?? []));
    const none = (): void => undefined;
    this.captures = new Captures({
      pool: { send: (command) => this.#heed(command) },
      windows: this.windows,
      config: () => ({ ...config, segmentDuration }),
      archive: () => undefined,
      fact: (_, attempt, fact) => {
        if (fact.kind === 'stopped' && attempt !== undefined) around.stopped(attempt);
      },
      follow: () => Promise.resolve(),
      lastWindow: async ({ from }) => around.windowOf(from),
      lastPublished: () => {
        const [own, seen] = [lastOf(this.windows.get(cam)), lastOf(this.#seen)];
        return (seen.number ?? -1) > (own.number ?? -1) ? seen : own;
      },
      clock: time.clock,
      utc: () => unixMicros(time.utc),
      observer: {
        started: none,
        mpegts: none,
        segment: none,
        steppedOn: none,
        sourceUsed: none,
        sourceFailed: none,
        pulse: none,
        ended: none,
      },
    });
  }

  sees(window: LiveWindow): void {
    this.#seen = window;
  }

  /** `kill -9`. */
  die(): void {
    this.#inputs.clear();
  }

  /** The camera has sent a fragment; absent: it is dark. */
  feed(fragment: Fragment | undefined, endsAtKeyframe: boolean): void {
    for (const input of this.#inputs.values()) {
      if (fragment === undefined) {
        if (input.open) input.recorder.hole();
        input.open = false;
        continue;
      }
      input.open ||= fragment.startsSegment && input.recorder.accepts(fragment.start);
      if (!input.open) continue;
      input.open = input.recorder.fragment(fragment) !== 'lost';
      if (input.open) input.recorder.begins(fragment.end, endsAtKeyframe);
    }
  }

  #heed(command: WorkerCommand): void {
    if (!('attempt' in command)) return;
    const { attempt } = command;
    const input = this.#inputs.get(attempt);
    if (command.type === 'start') {
      this.hasPublished = false;
      this.#inputs.set(attempt, this.#open(attempt, command.adopting, command));
    }
    if (command.type === 'own-timeline') input?.recorder.ownTimeline(command);
    if (command.type === 'shown') input?.recorder.leapBehind(command.number);
    if (command.type !== 'stop') return;
    const { clock } = this.#time;
    clock.setTimer(after(clock.monotonic(), millis(this.closeMs)), () => {
      if (input === undefined || !this.#inputs.delete(attempt)) return;
      input.recorder.finish(command.publishRest ?? false);
      this.captures.onFact({ type: 'stopped', stream: cam, attempt });
    });
  }

  #open(attempt: number, adopting: boolean, place: FirstPlace): ModelCapture {
    const writer = {
      write: ({ start, end, startsSegment }: Fragment): RecordedFragment => {
        const run = { path: '' } as RecordedFragment['run'];
        return { run, offset: 0, length: 1, init: 'i', hash: '', decodeTimes: [], start, end, startsSegment };
      },
      forget: () => undefined,
      isFull: () => false,
      startRun: () => undefined,
      endRuns: () => undefined,
      joinsTimeline: () => undefined,
      useTracks: () => undefined,
      initOf: () => undefined,
    };
    const publisher = {
      segment: (segment: Parameters<typeof liveSegment>[0]): void => {
        this.hasPublished = true;
        const [told, location] = [liveSegment(segment), segmentLocation(segment)];
        this.captures.onFact({ type: 'segment', stream: cam, attempt, segment: told, location });
      },
    };
    const recorder = new Recorder({
      grid: new SegmentGrid(this.#segmentDuration),
      writer: writer as unknown as ConstructorParameters<typeof Recorder>[0]['writer'],
      publisher: publisher as unknown as ConstructorParameters<typeof Recorder>[0]['publisher'],
      adopting,
      place,
      lost: () => undefined,
      now: () => this.#time.ticks,
      continued: () => undefined,
    });
    return { recorder, open: false };
  }
}

/** What a viewer's server shows, by the newest word of the owner that it has a way to. */
export class ModelViewer {
  readonly went: string[] = [];
  #shown: LiveWindow | undefined;
  #received: LiveWindow | undefined;
  #behindSince: Instant | undefined;

  follow(owner: ModelServer, now: Instant): void {
    const window = owner.windows.get(cam);
    const before = this.#shown;
    if (window === undefined || window === this.#received) return;
    this.#received = window;
    const next = nextShown(
      before,
      window,
      this.#behindSince === undefined ? millis(0) : between(this.#behindSince, now),
    );
    this.#behindSince = next === before && window !== before ? (this.#behindSince ?? now) : undefined;
    this.#shown = next;
    const last = next?.segments.at(-1)?.number ?? -1;
    const [first, end] = [before?.segments[0]?.number ?? -1, before?.segments.at(-1)?.number ?? -1];
    if ((next?.segments[0]?.number ?? -1) < first || last < end) this.went.push(`back from ${end} to ${last}`);
    owner.captures.shownElsewhere(cam, last);
  }
}

export interface ModelOptions {
  readonly segmentDuration: Millis;
  /** Of the camera's keyframes; of whole fragments. */
  readonly gopMs: number;
  /** The server that has not the stream sees each segment of the one that has. */
  readonly watched: boolean;
}

/** Two servers and what the core does with a stream that has one connection: who captures it, one after the other or, parted, both. */
export class ModelGroup {
  readonly time = new ModelTime();
  readonly viewers: readonly ModelViewer[] = [new ModelViewer(), new ModelViewer()];
  /** Of each number, what was published under it. */
  readonly published = new Map<number, Set<string>>();
  readonly #options: ModelOptions;
  #servers: [ModelServer, ModelServer];
  #attempt = 0;
  #parted = false;
  #dark: { readonly until: Instant; readonly side: 'both' | 'owner' } = { until: instant(0), side: 'both' };
  /** The attempt that is being closed, for the other server to go on. */
  #closing: number | undefined;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#servers = [this.#server(serverName('s01')), this.#server(serverName('s02'))];
    this.#start(undefined);
  }

  /**
   * Gives the stream away; it takes so long to close the input. Not before it has published something: of one that guessed where to begin and
   * has published nothing, its window does not tell the last number.
   */
  move(closeMs: number): void {
    const [owner, other] = this.#servers;
    if (this.#parted || this.#closing !== undefined || !owner.hasPublished) return;
    owner.closeMs = closeMs;
    this.#closing = this.#attempt;
    const { clock } = this.time;
    const attempt = this.#attempt;
    clock.setTimer(after(clock.monotonic(), bounds.closing), () => this.#goOn(attempt));
    owner.captures.stop({ stream: cam, attempt, to: other.name, cause: 'returned' });
  }

  /** The owner dies, and comes again with nothing. */
  kill(): void {
    const [owner, other] = this.#servers;
    owner.die();
    this.#closing = undefined;
    this.#servers = [other, this.#server(owner.name)];
    if (this.#parted) this.#parted = false;
    else this.#start(undefined);
  }

  /** The owner's configuration of the stream changes; it takes so long to close the input. */
  reload(closeMs: number): void {
    const [owner] = this.#servers;
    if (!owner.hasPublished) return;
    owner.closeMs = closeMs;
    owner.captures.restart(cam);
  }

  /** The two lose each other: both capture. */
  part(): void {
    if (this.#parted || this.#closing !== undefined) return;
    this.#parted = true;
    this.#servers[1].captures.start({ stream: cam, attempt: ++this.#attempt, from: undefined, standIn: true });
  }

  /** They hear each other again, and the one or the other stops. */
  heal(staysOther: boolean): void {
    if (!this.#parted) return;
    this.#parted = false;
    const [owner, other] = this.#servers;
    const loser = staysOther ? owner : other;
    if (staysOther) this.#servers = [other, owner];
    const attempt = loser.captures.get(cam)?.coreAttempt;
    loser.captures.stop({ stream: cam, attempt, to: this.#servers[0].name, cause: 'partition' });
  }

  /** The camera, or the way to one side of a parted group, gives nothing. */
  dark(forMs: number, side: 'both' | 'owner'): void {
    this.#dark = { until: after(this.time.clock.monotonic(), millis(forMs)), side };
  }

  async run(forMs: number): Promise<void> {
    const { clock, utc } = this.time;
    const end = utc + forMs * 1_000;
    while (this.time.utc < end) {
      await clock.advance(millis(stepMs));
      this.#feed();
      for (const [i, viewer] of this.viewers.entries())
        viewer.follow(this.#servers[this.#parted ? i : 0] ?? this.#servers[0], clock.monotonic());
    }
  }

  #feed(): void {
    const { clock, utc, ticks: end } = this.time;
    const isKeyframe = (at: number): boolean => at % (this.#options.gopMs * 1_000) === 0;
    const startsSegment = isKeyframe(utc - stepMs * 1_000);
    const fragment = { startsSegment, start: end - stepMs * 90, end, tracks: [] };
    const isDark = clock.monotonic() < this.#dark.until;
    for (const [i, server] of this.#servers.entries()) {
      const missing = isDark && (this.#dark.side === 'both' || i === 0);
      server.feed(missing ? undefined : fragment, isKeyframe(utc));
    }
  }

  #start(behind: ServerName | undefined): void {
    const attempt = ++this.#attempt;
    const [{ captures }] = this.#servers;
    captures.start({ stream: cam, attempt, from: undefined, standIn: false, ...(behind && { behind }) });
  }

  /** The giver has told that its input is closed, or the core has waited long enough. */
  #goOn(attempt: number): void {
    if (this.#closing !== attempt) return;
    this.#closing = undefined;
    const [owner, other] = this.#servers;
    this.#servers = [other, owner];
    this.#start(owner.name);
  }

  #server(name: ServerName): ModelServer {
    const server: ModelServer = new ModelServer(name, this.time, {
      segmentDuration: this.#options.segmentDuration,
      stopped: (attempt) => this.#goOn(attempt),
      published: (segments) => {
        for (const segment of segments) this.#note(segment);
        const window = server.windows.get(cam);
        if (!this.#options.watched || this.#parted || window === undefined) return;
        for (const other of this.#servers) if (other !== server) other.sees(window);
      },
      windowOf: (asked) => this.#servers.find((one) => one.name === asked)?.windows.get(cam),
    });
    return server;
  }

  #note({ number, start, holder }: Segments[number]): void {
    const known = this.published.get(number) ?? new Set();
    this.published.set(number, known.add(`${start} at ${holder}`));
  }
}
