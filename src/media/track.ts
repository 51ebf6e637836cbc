import type { Frame } from './frame.ts';

/** What a decoder needs to know before the first frame, in units of the codec's own standard. Replaced whole when it changes. */
export type Track = VideoTrack | AudioTrack;

export interface VideoTrack {
  readonly kind: 'video';
  readonly codec: 'h264';
  readonly timescale: number;
  /** Parameter sets without start codes. */
  readonly sps: Uint8Array;
  readonly pps: readonly Uint8Array[];
  /** Cropped luma samples. */
  readonly width: number;
  readonly height: number;
  /** From the VUI timing when it has one; frames a second. */
  readonly frameRate: number | undefined;
  /** RFC 6381, such as `avc1.64001f`. */
  readonly codecString: string;
}

export interface AudioTrack {
  readonly kind: 'audio';
  readonly codec: 'aac';
  /** The sample rate. */
  readonly timescale: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** ISO/IEC 14496-3 AudioSpecificConfig. */
  readonly config: Uint8Array;
  /** RFC 6381, such as `mp4a.40.2`. */
  readonly codecString: string;
}

/** A codec that was seen but that this server can't carry; told to the operator, never fatal. */
export interface UnsupportedTrack {
  readonly kind: 'unsupported';
  readonly codec: string;
}

/** What is wrong with the bytes that came in: counted and told, never thrown. */
export interface Damage {
  readonly kind:
    | 'continuity'
    | 'sync-lost'
    | 'crc'
    | 'truncated'
    | 'malformed'
    | 'too-large'
    | 'timestamp'
    | 'packet-loss';
  readonly detail: string;
}

/** Where demuxers and depacketizers deliver, synchronously and in the order of the source. */
export interface MediaSink {
  /** All tracks of the input, before its first frame and again whenever one changed; frames name them by index. */
  tracks(tracks: readonly Track[], unsupported: readonly UnsupportedTrack[]): void;
  frame(frame: Frame): void;
  damage(damage: Damage): void;
}
