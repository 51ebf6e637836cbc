// ITU-T H.264 clauses 7.3.2.1, 7.3.2.2, 7.4.1.2.1 (which parameter sets are active).
import { BitReader } from '../bits.ts';
import type { VideoTrack } from '../track.ts';
import { nal, nalType, sliceHeader } from './h264.ts';
import { type H264Sps, parseSps } from './h264-sps.ts';
import { withoutEmulationPrevention } from './rbsp.ts';

/** An SPS or PPS is tens of bytes; one that is larger is damage and not worth keeping. */
const largestParameterSet = 4096;

interface Pps {
  readonly spsId: number;
  readonly unit: Uint8Array;
}

/**
 * The parameter sets seen so far, and the track that they make. Keeps copies.
 * Bounded by the standard: 32 SPS and 256 PPS.
 */
export class H264ParameterSets {
  readonly #sps = new Map<number, { readonly parsed: H264Sps; readonly unit: Uint8Array }>();
  readonly #pps = new Map<number, Pps>();
  #activePps: number | undefined;
  #dirty = false;
  #track: VideoTrack | undefined;
  #active: H264Sps | undefined;

  /** The SPS of the track. */
  get sps(): H264Sps | undefined {
    return this.#active;
  }

  /** Takes in the units of an access unit (or of an SDP); other units are passed over. Returns the track once it is known. */
  update(units: readonly Uint8Array[], timescale: number): VideoTrack | undefined {
    for (const unit of units) {
      const type = nalType(unit);
      if (type === nal.sps) this.#takeSps(unit);
      else if (type === nal.pps) this.#takePps(unit);
      else if (type === nal.idr || (type === nal.slice && this.#dirty)) this.#activate(sliceHeader(unit).pps);
    }
    if (this.#dirty || this.#track === undefined) this.#build(timescale);
    return this.#track;
  }

  #takeSps(unit: Uint8Array): void {
    const parsed = unit.length <= largestParameterSet ? parseSps(unit) : undefined;
    if (parsed === undefined || same(this.#sps.get(parsed.id)?.unit, unit)) return;
    this.#sps.set(parsed.id, { parsed, unit: unit.slice() });
    this.#dirty = true;
  }

  #takePps(unit: Uint8Array): void {
    if (unit.length > largestParameterSet) return;
    const bits = new BitReader(withoutEmulationPrevention(unit));
    bits.skip(8);
    const id = bits.ue();
    const spsId = bits.ue();
    if (id > 255 || spsId > 31 || bits.exhausted || same(this.#pps.get(id)?.unit, unit)) return;
    this.#pps.set(id, { spsId, unit: unit.slice() });
    this.#dirty = true;
  }

  #activate(pps: number): void {
    if (this.#activePps === pps || !this.#pps.has(pps)) return;
    this.#activePps = pps;
    this.#dirty = true;
  }

  #build(timescale: number): void {
    const active = this.#pps.get(this.#activePps ?? -1) ?? this.#pps.values().next().value;
    const sps = active === undefined ? undefined : this.#sps.get(active.spsId);
    if (active === undefined || sps === undefined) return;
    this.#dirty = false;
    this.#active = sps.parsed;
    const pps = [...this.#pps.entries()]
      .filter(([, set]) => set.spsId === active.spsId)
      .sort(([a], [b]) => a - b)
      .map(([, set]) => set.unit);
    const track = h264Track(sps.unit, sps.parsed, pps, timescale);
    if (this.#track === undefined || !sameSets(this.#track, track)) this.#track = track;
  }
}

function h264Track(unit: Uint8Array, sps: H264Sps, pps: readonly Uint8Array[], timescale: number): VideoTrack {
  return {
    kind: 'video',
    codec: 'h264',
    timescale,
    sps: unit,
    pps,
    width: sps.width,
    height: sps.height,
    frameRate: sps.frameRate,
    codecString: h264CodecString(sps),
  };
}

/** RFC 6381 with ISO/IEC 14496-15: profile, constraints and level in hexadecimal. */
export function h264CodecString(sps: Pick<H264Sps, 'profile' | 'constraints' | 'level'>): string {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `avc1.${hex(sps.profile)}${hex(sps.constraints)}${hex(sps.level)}`;
}

function sameSets(a: VideoTrack, b: VideoTrack): boolean {
  return same(a.sps, b.sps) && a.pps.length === b.pps.length && a.pps.every((unit, i) => same(unit, b.pps[i]));
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((byte, i) => byte === b[i]);
}
