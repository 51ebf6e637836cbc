import type { FragmentSpan } from '../../hls/segmenter.ts';
import { rescale, ticks, timescale90k } from '../../units/ticks.ts';
import type { Run } from './run.ts';

/** A fragment in a run file. */
export interface RecordedFragment extends FragmentSpan {
  readonly run: Run;
  readonly offset: number;
  readonly length: number;
  /** Of the init segment that it needs. */
  readonly init: string;
  /** Of the frame that it begins with; empty when no segment can start here. */
  readonly hash: string;
  /** Where a decode time stands in the fragment, and what it is in UTC in the track's ticks. */
  readonly decodeTimes: readonly { readonly at: number; readonly dts: number; readonly timescale: number }[];
}

/** The same fragment, later by so many 90 kHz ticks: the bytes don't hold UTC, so they stay. */
export function shifted(fragment: RecordedFragment, shift: number): RecordedFragment {
  if (shift === 0) return fragment;
  return {
    ...fragment,
    start: fragment.start + shift,
    end: fragment.end + shift,
    decodeTimes: fragment.decodeTimes.map(({ at, dts, timescale }) => ({
      at,
      dts: dts + rescale(ticks(shift), timescale90k, timescale),
      timescale,
    })),
  };
}
