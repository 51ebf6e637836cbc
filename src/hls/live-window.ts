import type { ServerName } from '../units/ids.ts';
import type { Ticks } from '../units/ticks.ts';

/** One closed segment of the group's live timeline, wherever its bytes lie. */
export interface LiveSegment {
  /** Never goes back within a stream, whoever captures it (docs/decisions/008). */
  readonly number: number;
  /** UTC of its first video frame's presentation, 90 kHz ticks since 1970. */
  readonly start: Ticks;
  /** 90 kHz. */
  readonly duration: Ticks;
  /** Of the coded bytes of its first keyframe: finds the same picture in another server's capture of the same source. */
  readonly keyframeHash: string;
  /** Which of the window's init segments it needs. */
  readonly init: string;
  readonly bytes: number;
  /** Who has its bytes. */
  readonly holder: ServerName;
}

/** What a multivariant playlist says about the tracks behind one init segment. */
export interface InitSegment {
  /** Hash of `data`, so that equal parameters have equal names on all servers. */
  readonly id: string;
  /** The whole `ftyp` and `moov`, base64: it travels to every server, which serves it itself. */
  readonly data: string;
  /** RFC 6381, comma separated. */
  readonly codecs: string;
  readonly resolution: { readonly width: number; readonly height: number } | undefined;
  readonly frameRate: number | undefined;
}

/** The tail of a stream's timeline as its owner has it: consecutive numbers only. JSON-able; travels between servers. */
export interface LiveWindow {
  /** Grows with every change at this owner; for long polls. */
  readonly revision: number;
  /** EXT-X-TARGETDURATION in seconds: constant unless the source's GOP is longer. */
  readonly targetDuration: number;
  readonly segments: readonly LiveSegment[];
  readonly inits: readonly InitSegment[];
  /** Bits a second of the largest and the average segment in the window. */
  readonly bandwidth: { readonly peak: number; readonly average: number };
}
