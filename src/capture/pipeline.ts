import { Fragmenter } from '../hls/fragmenter.ts';
import type { Frame } from '../media/frame.ts';
import type { Damage, MediaSink, Track, UnsupportedTrack } from '../media/track.ts';
import { StartGate } from '../timeline/start-gate.ts';
import type { KeptFrame, TimedFrame } from '../timeline/timed-frame.ts';
import { Timeline } from '../timeline/timeline.ts';
import type { Clock } from '../units/clock.ts';
import type { Instant } from '../units/time.ts';
import { FrameKeeper } from './frames/frame-keeper.ts';
import type { SlabPool } from './frames/slab.ts';
import { sameLayout, sameParameters, selectTracks, type TrackSelection } from './frames/track-selection.ts';
import type { Recorder } from './publish/recorder.ts';

/** Lost video shorter than this is a fault inside a segment; longer is a hole between two. */
const shortestHoleSeconds = 2;

export interface PipelineOptions {
  readonly clock: Clock;
  /** UTC of the group less the monotonic clock, microseconds. */
  readonly offset: () => number;
  readonly recorder: Recorder;
  readonly slabs: SlabPool;
  /** Every frame that will be seen, in one order of all tracks, on the input's own timeline. */
  readonly viewed: (frame: TimedFrame, tracks: readonly Track[]) => void;
  readonly tracks: (selection: TrackSelection, unsupported: readonly UnsupportedTrack[]) => void;
  readonly arrived: (bytes: number) => void;
  /** A frame came of what is mainly watched: of the video, where there is one. Sound without pictures is a camera that broke. */
  readonly alive: (now: Instant) => void;
  readonly damage: (damage: Damage) => void;
  /** What is recorded next lies behind a hole in time in which no frame is missing. */
  readonly steppedOn: () => void;
}

interface Line {
  readonly timeline: Timeline;
  readonly gate: StartGate;
  readonly fragmenter: Fragmenter;
}

/** The way of one input's frames to the recorder. Ends with `close`; the next input has a pipeline of its own. */
export class Pipeline implements MediaSink {
  readonly #options: PipelineOptions;
  #keepers: readonly FrameKeeper[] = [];
  #selection: TrackSelection = { tracks: [], indexOf: [], video: undefined };
  #line: Line | undefined;
  /** Parameters that came before frames which are still on their way; they count from the frame with this sample on. */
  #changes: {
    sample: Uint8Array | undefined;
    readonly changed: readonly boolean[];
    readonly tracks: readonly Track[];
  }[] = [];
  /** Of the recorder's frames. */
  #tracksInForce: readonly Track[] = [];
  #videoEnd: number | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  tracks(tracks: readonly Track[], unsupported: readonly UnsupportedTrack[]): void {
    const selection = selectTracks(tracks);
    this.#options.tracks(selection, unsupported);
    if (this.#line === undefined || !sameLayout(this.#selection, selection)) this.#begin(selection);
    else this.#noteChange(selection);
    this.#selection = selection;
  }

  frame(frame: Frame): void {
    const track = this.#selection.indexOf[frame.track];
    if (track === undefined || this.#line === undefined) return;
    const kept = this.#keepers[track]?.keep(frame, track);
    if (kept === undefined) return;
    const now = this.#options.clock.monotonic();
    this.#options.arrived(kept.sample.length);
    if (track === (this.#selection.video ?? track)) this.#options.alive(now);
    if (this.#changes.length > 0) this.#markChange(kept);
    this.#line.timeline.frame(kept, now);
  }

  /** New parameters count from the first frame of the track that they are of. */
  #markChange({ track, sample: first }: KeptFrame): void {
    const change = this.#changes.find(({ sample, changed }) => sample === undefined && changed[track] === true);
    if (change !== undefined) change.sample = first;
  }

  damage(damage: Damage): void {
    this.#options.damage(damage);
  }

  /** UTC of the group less the monotonic clock, microseconds. */
  followClock(offset: number): void {
    this.#line?.timeline.followClock(offset);
  }

  /** Nothing more comes. What is on its way is recorded. */
  close(): void {
    this.#line?.timeline.flush();
    this.#line?.fragmenter.flush();
    this.#line = undefined;
    for (const keeper of this.#keepers) keeper.close();
    this.#keepers = [];
  }

  #begin(selection: TrackSelection): void {
    const { recorder } = this.#options;
    this.close();
    recorder.hole();
    this.#changes = [];
    this.#videoEnd = undefined;
    this.#keepers = selection.tracks.map((track) => new FrameKeeper(this.#options.slabs, track));
    if (selection.tracks.length === 0) return;
    this.#use(selection.tracks);
    const timescales = selection.tracks.map(({ timescale }) => timescale);
    const { video } = selection;
    const line: Line = {
      timeline: new Timeline({
        timescales,
        video,
        offset: this.#options.offset(),
        deliver: (frame) => this.#timed(line, frame),
        stepped: (to) => this.#stepped(line, to),
        badTimestamp: () =>
          this.#options.damage({ kind: 'timestamp', detail: 'a timestamp that does not follow the last' }),
      }),
      gate: new StartGate({ timescales, video, accepts: (start) => recorder.accepts(start) }),
      fragmenter: new Fragmenter({
        timescales,
        video,
        isBorder: (start) => recorder.isBorder(start),
        begins: (start, startsSegment) => recorder.begins(start, startsSegment),
        deliver: (fragment) => {
          const recorded = recorder.fragment(fragment);
          if (recorded === 'border') line.timeline.slew();
          else if (recorded === 'lost') line.gate.close();
        },
      }),
    };
    this.#line = line;
  }

  #noteChange(selection: TrackSelection): void {
    const changed = selection.tracks.map((track, i) => !sameParameters(track, this.#selection.tracks[i]));
    for (const [i, track] of selection.tracks.entries()) this.#keepers[i]?.use(track);
    if (changed.includes(true)) this.#changes.push({ sample: undefined, changed, tracks: selection.tracks });
  }

  #timed(line: Line, frame: TimedFrame): void {
    const change = this.#changes[0];
    if (change !== undefined && change.sample === frame.sample) {
      this.#changes.shift();
      line.fragmenter.flush();
      this.#use(change.tracks);
    }
    if (this.#isBehindHole(frame)) this.#hole(line);
    const passed = line.gate.pass(frame);
    if (passed === undefined) {
      frame.memory.release();
      return;
    }
    this.#options.viewed(passed, this.#tracksInForce);
    line.fragmenter.endBefore(passed);
    // What was just delivered may be lost, and the gate closed behind it: this frame may be the keyframe that opens it again.
    const first = line.gate.isOpen ? passed : line.gate.pass(passed);
    if (first === undefined) passed.memory.release();
    else line.fragmenter.push(first);
  }

  #use(tracks: readonly Track[]): void {
    this.#tracksInForce = tracks;
    this.#options.recorder.useTracks(tracks);
  }

  #isBehindHole(frame: TimedFrame): boolean {
    if (frame.track !== (this.#selection.video ?? 0)) return false;
    const timescale = this.#selection.tracks[frame.track]?.timescale ?? 1;
    const missing = this.#videoEnd === undefined ? 0 : frame.dts - this.#videoEnd;
    this.#videoEnd = frame.dts + frame.duration;
    return missing > shortestHoleSeconds * timescale;
  }

  #hole(line: Line): void {
    line.fragmenter.flush();
    this.#options.recorder.hole();
    line.gate.close();
  }

  #stepped(line: Line, to: 'back' | 'on'): void {
    this.#videoEnd = undefined;
    this.#options.damage({ kind: 'timestamp', detail: 'the clock of the source is wrong; its time is taken anew' });
    this.#hole(line);
    if (to === 'on') this.#options.steppedOn();
  }
}
