import { rescale, type Ticks, ticks } from '../../units/ticks.ts';
import { type Instant, instant } from '../../units/time.ts';
import { aacFrameSamples, aacTrack, parseAudioSpecificConfig } from '../codec/aac.ts';
import type { StreamOutput } from '../mpegts/elementary-stream.ts';
import type { AudioTrack } from '../track.ts';
import { AacDepacketizer, type AacFrameOutput, type AacHeaderLengths } from './aac-depacketizer.ts';
import type { RtpPacket } from './packet.ts';
import type { TrackReader } from './receiver.ts';
import type { TrackClock } from './track-clock.ts';

/** A step back of more samples than this many seconds' is the source's jump, not ours. */
const mostOverlapSeconds = 5;

/** RTP packets of AAC to frames. */
export class AacTrack implements TrackReader, AacFrameOutput {
  readonly clock: TrackClock;
  readonly #output: StreamOutput;
  readonly #depacketizer: AacDepacketizer;
  readonly #sampleRate: number;
  #now = instant(0);
  #last: Ticks | undefined;

  constructor(clock: TrackClock, track: AudioTrack, lengths: AacHeaderLengths, output: StreamOutput) {
    this.clock = clock;
    this.#output = output;
    this.#sampleRate = track.sampleRate;
    this.#depacketizer = new AacDepacketizer(lengths, this);
    output.track(track);
  }

  packet(bytes: Uint8Array, packet: RtpPacket, now: Instant): void {
    this.#now = now;
    this.#depacketizer.packet(bytes, packet);
  }

  lost(): void {
    this.#depacketizer.lost();
  }

  frame(frame: Uint8Array, timestamp: number, number: number): void {
    const first = rescale(this.clock.ticks(timestamp, this.#now), this.clock.rate, this.#sampleRate);
    const pts = ticks(first + number * aacFrameSamples);
    // When the tracks were aligned backwards, what overlaps has been heard already.
    const overlap = (this.#last ?? pts - 1) - pts;
    if (overlap >= 0 && overlap < mostOverlapSeconds * this.#sampleRate) return;
    this.#last = pts;
    this.#output.frame(pts, pts, true, [frame]);
  }

  damage: StreamOutput['damage'] = (damage) => this.#output.damage(damage);
}

/** `undefined` when the configuration is of a kind that can't be carried. */
export function audioTrackOf(config: Uint8Array): AudioTrack | undefined {
  const parsed = parseAudioSpecificConfig(config);
  return parsed === undefined ? undefined : aacTrack(parsed, config);
}
