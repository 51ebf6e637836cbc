import { type Instant, instant } from '../../units/time.ts';
import { isKeyframe, isSps, nal, nalType } from '../codec/h264.ts';
import { H264DecodeTimes } from '../codec/h264-dts.ts';
import { H264ParameterSets } from '../codec/h264-parameter-sets.ts';
import { parseSps } from '../codec/h264-sps.ts';
import type { StreamOutput } from '../mpegts/elementary-stream.ts';
import type { VideoTrack } from '../track.ts';
import { type AccessUnitOutput, H264Depacketizer } from './h264-depacketizer.ts';
import type { RtpPacket } from './packet.ts';
import type { TrackReader } from './receiver.ts';
import type { TrackClock } from './track-clock.ts';

/** RTP packets of H.264 to frames with decode times. */
export class H264Track implements TrackReader, AccessUnitOutput {
  readonly clock: TrackClock;
  readonly #output: StreamOutput;
  readonly #depacketizer = new H264Depacketizer(this);
  readonly #sets = new H264ParameterSets();
  readonly #decodeTimes: H264DecodeTimes;
  #track: VideoTrack | undefined;
  #now = instant(0);
  /** A keyframe was torn: what refers to it can't be decoded. */
  #waitsForKeyframe = false;

  /** `parameterSets`: what the session description told. */
  constructor(clock: TrackClock, parameterSets: readonly Uint8Array[], output: StreamOutput) {
    this.clock = clock;
    this.#output = output;
    this.#decodeTimes = new H264DecodeTimes(clock.rate);
    this.#learn(parameterSets);
  }

  packet(bytes: Uint8Array, packet: RtpPacket, now: Instant): void {
    this.#now = now;
    this.#depacketizer.packet(bytes, packet);
  }

  lost(): void {
    this.#depacketizer.lost();
  }

  /** A torn picture is left out; behind a torn keyframe so is all that refers to it. Behind another one decoders go on, with flaws. */
  accessUnit(units: readonly Uint8Array[], timestamp: number, torn: boolean): void {
    const pts = this.clock.ticks(timestamp, this.#now);
    if (torn) {
      this.#waitsForKeyframe ||= units.some((unit) => isSps(unit) || nalType(unit) === nal.idr);
      return;
    }
    this.#learn(units);
    const keyframe = isKeyframe(units);
    if (this.#waitsForKeyframe && !keyframe) return;
    this.#waitsForKeyframe = false;
    this.#output.frame(this.#decodeTimes.next(pts), pts, keyframe, units);
  }

  damage: StreamOutput['damage'] = (damage) => this.#output.damage(damage);

  #learn(units: readonly Uint8Array[]): void {
    const track = this.#sets.update(units, this.clock.rate);
    if (track === undefined || track === this.#track) return;
    this.#track = track;
    const sps = parseSps(track.sps);
    this.#decodeTimes.describe(sps?.reorderFrames, sps?.frameRate);
    this.#output.track(track);
  }
}
