import type { Ticks } from '../../units/ticks.ts';
import type { Damage, Track } from '../track.ts';

/** Where the parser of one elementary stream delivers. The views in `units` are valid during the call. */
export interface StreamOutput {
  /** Before the first frame and again whenever it changed. */
  track(track: Track): void;
  frame(dts: Ticks, pts: Ticks, keyframe: boolean, units: readonly Uint8Array[]): void;
  damage(damage: Damage): void;
}

/** The PES packets of one PID up to their frames. One file a codec: `h264-stream.ts`, `aac-stream.ts`. */
export interface StreamParser {
  begin(time: { readonly pts: number; readonly dts: number } | undefined): void;
  data(bytes: Uint8Array, from: number, to: number): void;
  lost(): void;
  truncated(missing: number): void;
  /** Delivers what is whole at the end of the source. */
  flush(): void;
}
