import type { Instant } from '../../units/time.ts';
import type { StreamOutput } from '../mpegts/elementary-stream.ts';
import { TrackGate, type TrackSlot, trackSlot } from '../mpegts/track-gate.ts';
import { AacTrack, audioTrackOf } from '../rtp/aac-track.ts';
import { H264Track } from '../rtp/h264-track.ts';
import { RtpReceiver, type TrackReader } from '../rtp/receiver.ts';
import { type SessionStart, TrackClock } from '../rtp/track-clock.ts';
import type { AudioTrack, MediaSink, UnsupportedTrack } from '../track.ts';
import type { SdpTrack } from './sdp.ts';

/** A track of the description that can be carried. */
type WantedTrack =
  | { readonly kind: 'video'; readonly sdp: SdpTrack; readonly parameterSets: readonly Uint8Array[] }
  | {
      readonly kind: 'audio';
      readonly sdp: SdpTrack;
      readonly audio: AudioTrack;
      readonly lengths: { readonly size: number; readonly index: number; readonly indexDelta: number };
    };

/** A track that was set up. */
export interface OpenTrack {
  readonly track: WantedTrack;
  /** Of its packets; the next one carries its reports. */
  readonly channel: number;
}

interface Channel {
  readonly receiver: RtpReceiver;
  readonly isReport: boolean;
}

/** What a description offers, cut down to what is set up: the first video and the first audio that can be carried. */
export class TrackChoice {
  readonly wanted: readonly WantedTrack[];
  readonly unsupported: readonly UnsupportedTrack[];

  constructor(tracks: readonly SdpTrack[]) {
    const able = tracks.map((track) => wantedTrack(track));
    const first = (kind: WantedTrack['kind']): WantedTrack | undefined => able.find((track) => track?.kind === kind);
    this.wanted = able.filter((track) => track !== undefined && track === first(track.kind)).flatMap((t) => t ?? []);
    this.unsupported = tracks.filter((_, i) => able[i] === undefined).map(unsupportedTrack);
  }
}

function wantedTrack(sdp: SdpTrack): WantedTrack | undefined {
  const { format } = sdp;
  if (format.kind === 'h264') return { kind: 'video', sdp, parameterSets: format.parameterSets };
  if (format.kind !== 'aac') return undefined;
  const audio = audioTrackOf(format.config);
  return audio === undefined ? undefined : { kind: 'audio', sdp, audio, lengths: format.lengths };
}

function unsupportedTrack({ format }: SdpTrack): UnsupportedTrack {
  return { kind: 'unsupported', codec: format.kind === 'unsupported' ? format.codec : format.kind };
}

/** The media of a session: interleaved channels in, frames out, all tracks on one clock. */
export class SessionMedia {
  readonly #sink: MediaSink;
  readonly #gate: TrackGate;
  readonly #ssrc: number;
  readonly #start: SessionStart = { at: undefined };
  readonly #channels: (Channel | undefined)[] = [];

  /** `ssrc`: of this receiver, in its reports. */
  constructor(sink: MediaSink, ssrc: number) {
    this.#sink = sink;
    this.#gate = new TrackGate(sink);
    this.#ssrc = ssrc;
  }

  open(tracks: readonly OpenTrack[], unsupported: readonly UnsupportedTrack[]): void {
    const slots = tracks.map(({ track }) => trackSlot(track.kind));
    this.#gate.expect(slots, unsupported);
    const clocks = tracks.map(({ track }) => new TrackClock(track.sdp.clockRate, this.#start));
    this.#align(tracks.map(({ track }, i) => ({ kind: track.kind, clock: clocks[i] })));
    for (const [i, { track, channel }] of tracks.entries()) {
      const slot = slots[i];
      const clock = clocks[i];
      if (slot === undefined || clock === undefined) continue;
      const reader = this.#reader(track, clock, slot);
      const receiver = new RtpReceiver(reader, track.sdp.payloadType, (damage) => this.#sink.damage(damage));
      this.#channels[channel] = { receiver, isReport: false };
      this.#channels[channel + 1] = { receiver, isReport: true };
    }
  }

  /** An interleaved frame, `bytes[from, to)`; returns a report to send back on the same channel, if any. */
  data(channel: number, bytes: Uint8Array, from: number, to: number, now: Instant): Uint8Array | undefined {
    const known = this.#channels[channel];
    if (known === undefined) return undefined;
    if (!known.isReport) {
      known.receiver.rtp(bytes, from, to, now);
      return undefined;
    }
    return known.receiver.rtcp(bytes, from, to, this.#ssrc);
  }

  #reader(track: WantedTrack, clock: TrackClock, slot: TrackSlot): TrackReader {
    const output = this.#output(slot);
    if (track.kind === 'video') return new H264Track(clock, track.parameterSets, output);
    return new AacTrack(clock, track.audio, track.lengths, output);
  }

  /** Audio follows video, never the other way: the timeline is anchored on pictures. */
  #align(tracks: readonly { readonly kind: WantedTrack['kind']; readonly clock: TrackClock | undefined }[]): void {
    const video = tracks.find(({ kind }) => kind === 'video')?.clock;
    const audio = tracks.find(({ kind }) => kind === 'audio')?.clock;
    if (video === undefined || audio === undefined) return;
    audio.follow(video, () =>
      this.#sink.damage({ kind: 'timestamp', detail: 'the reports of audio and video lie seconds apart' }),
    );
  }

  #output(slot: TrackSlot): StreamOutput {
    return {
      track: (track) => this.#gate.track(slot, track),
      frame: (dts, pts, keyframe, units) => this.#gate.frame(slot, dts, pts, keyframe, units),
      damage: (damage) => this.#gate.damage(damage),
    };
  }
}
