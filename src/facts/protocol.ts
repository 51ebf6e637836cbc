import type { StreamConfig } from '../config/model/config.ts';
import type { InitSegment, LiveSegment } from '../hls/live-window.ts';
import type { StreamName } from '../units/ids.ts';
import type { Millis, UnixMicros } from '../units/time.ts';
import type { ArchiveFact, ArchivePlace } from './archive-fact.ts';

/** Where a capture begins that finds no timeline to adopt. */
export interface FirstPlace {
  /** Segments must not start before this (90 kHz UTC): the last published end, when it is known. */
  readonly notBefore: number | undefined;
  /** Numbers must be higher than this: the last published one, when it is known. */
  readonly numberAfter?: number | undefined;
  /** Both are known to be the last of anybody: the next number is the one after, though time may have reached a higher one. */
  readonly isLast?: boolean;
}

/** From the main thread to a media worker. Structured-cloned; every capture is named by stream and attempt. */
export type WorkerCommand =
  | (FirstPlace & {
      readonly type: 'start';
      readonly stream: StreamConfig;
      readonly attempt: number;
      /** What the predecessor published is not known yet: publish nothing before `adopt` (overlapping handover) or `own-timeline` came. */
      readonly adopting: boolean;
      /** Which of the stream's sources to begin with; absent: the first. */
      readonly source?: number;
      /** Absent: nothing is recorded. */
      readonly archive?: ArchivePlace | undefined;
    })
  /**
   * Close the input. `publishRest`: the segment in the making ends here and is published, and whoever goes on asks for its number, or begins
   * with a number that time has not reached; absent: somebody else publishes its number.
   */
  | { readonly type: 'stop'; readonly stream: StreamName; readonly attempt: number; readonly publishRest?: boolean }
  /** The predecessor's newest segments: find the same keyframes, take over its timeline and numbers. Repeated while it goes on. */
  | {
      readonly type: 'adopt';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly segments: readonly LiveSegment[];
    }
  /** There is no predecessor to wait for (any more): publish behind what it published, by one's own anchor. Nothing happens after `ready`. */
  | (FirstPlace & { readonly type: 'own-timeline'; readonly stream: StreamName; readonly attempt: number })
  /** Viewers elsewhere were shown segments up to this number: if they would wait for ever, the next one is to have a higher one. */
  | { readonly type: 'shown'; readonly stream: StreamName; readonly attempt: number; readonly number: number }
  /** The stream has these sources from now on; the connection stays where its source is still among them. */
  | {
      readonly type: 'sources';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly sources: StreamConfig['sources'];
    }
  /** Record there from now on, or nowhere; the connection stays. */
  | {
      readonly type: 'archive';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly archive: ArchivePlace | undefined;
    }
  /** MPEG-TS viewers exist (or don't any more): mux it (or stop). */
  | { readonly type: 'mpegts'; readonly stream: StreamName; readonly attempt: number; readonly wanted: boolean }
  /** UTC of the group = this process's monotonic clock + offset. */
  | { readonly type: 'clock'; readonly offset: UnixMicros };

/** From a media worker to the main thread. */
export type WorkerFact =
  | ArchiveFact
  | {
      readonly type: 'tracks';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly tracks: readonly TrackFact[];
      readonly source: number;
    }
  /** Media comes from this source. In order with the segments, as the next one. */
  | { readonly type: 'source-used'; readonly stream: StreamName; readonly attempt: number; readonly source: number }
  /** A connection to this source ended or could not be made, or the disk did not take a segment of it. `error` without secrets. */
  | {
      readonly type: 'source-failed';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly source: number;
      readonly error: string;
    }
  | { readonly type: 'frames'; readonly stream: StreamName; readonly attempt: number }
  | { readonly type: 'ready'; readonly stream: StreamName; readonly attempt: number }
  | { readonly type: 'stalled'; readonly stream: StreamName; readonly attempt: number; readonly error: string }
  | { readonly type: 'stopped'; readonly stream: StreamName; readonly attempt: number }
  | { readonly type: 'init'; readonly stream: StreamName; readonly attempt: number; readonly init: InitSegment }
  | {
      readonly type: 'segment';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly segment: Omit<LiveSegment, 'holder'>;
      readonly location: SegmentLocation;
    }
  /** The source's clock was wrong: between the last segment and the next nothing is missing, though their times say so. In order with the segments. */
  | { readonly type: 'stepped-on'; readonly stream: StreamName; readonly attempt: number }
  /** A piece of MPEG-TS; `keyframe`: a decoder may start with it (tables and parameter sets are in front). Transferred, not copied. */
  | {
      readonly type: 'mpegts';
      readonly stream: StreamName;
      readonly attempt: number;
      readonly keyframe: boolean;
      readonly data: Uint8Array;
    }
  /** Sent by every worker about once a second: proof that it is alive, and the age of frames. */
  | { readonly type: 'pulse'; readonly captures: readonly CapturePulse[] };

export interface TrackFact {
  readonly kind: 'video' | 'audio' | 'unsupported';
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly sampleRate?: number;
  readonly channels?: number;
}

export interface CapturePulse {
  readonly stream: StreamName;
  readonly attempt: number;
  /** Of the video, where there is one. Absent before the first. */
  readonly lastFrameAgeMs: Millis | undefined;
  readonly bytesTotal: number;
  readonly damageTotal: number;
  /** Segments that the disk did not take, or not in time. */
  readonly lostSegmentsTotal: number;
}

/** Where a segment's bytes lie and what to change while sending them. */
export interface SegmentLocation {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** A run's decode times start at zero, so that the file plays by itself: these 64-bit `tfdt` values belong at these offsets from the segment's start. */
  readonly decodeTimes: readonly { readonly at: number; readonly value: bigint }[];
}
