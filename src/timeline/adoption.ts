/** Servers of a group hear the same source within this much of each other; a farther match is another picture that looks the same. */
const farthestShiftTicks = 10 * 90_000;

/** A keyframe of one's own capture; 90 kHz UTC by one's own anchor. */
export interface OwnKeyframe {
  readonly start: number;
  /** Empty where no segment can start. */
  readonly hash: string;
}

/** How to continue a predecessor's timeline. */
export interface Adoption {
  /** What to add to one's own times, 90 kHz. */
  readonly shift: number;
  /** The number of the segment that begins with the keyframe at `index` of one's own. */
  readonly number: number;
  readonly index: number;
}

/** A closed segment of the predecessor, as its window has it. */
interface PredecessorSegment {
  readonly number: number;
  /** 90 kHz UTC. */
  readonly start: number;
  /** Of its first keyframe. */
  readonly keyframeHash: string;
}

/**
 * Finds the pictures that both captures have: the predecessor's segments whose first keyframe is among one's own, the latest first.
 * A still picture is coded alike again and again. Keyframes that occur once decide; where there are none, the match that
 * moves one's own time least, for both servers know the time.
 */
export function findAdoptions(predecessor: readonly PredecessorSegment[], own: readonly OwnKeyframe[]): Adoption[] {
  const matches = allMatches(predecessor, own);
  const unique = matches.filter((match) => match.unique);
  const candidates = unique.length > 0 ? unique : matches;
  const least = Math.min(...candidates.map(({ shift }) => Math.abs(shift)));
  if (least > farthestShiftTicks) return [];
  // Several segments match, with nearly the same shift: drift is slewed.
  const near = candidates.filter(({ shift }) => Math.abs(shift) - least < sameShiftTicks);
  return near.sort((a, b) => b.number - a.number).map(({ shift, number, index }) => ({ shift, number, index }));
}

/** Less than any GOP, more than what slewing moves during a window. */
const sameShiftTicks = 0.1 * 90_000;

function allMatches(
  predecessor: readonly PredecessorSegment[],
  own: readonly OwnKeyframe[],
): (Adoption & { unique: boolean })[] {
  const ownCounts = counts(own.map(({ hash }) => hash));
  const theirCounts = counts(predecessor.map(({ keyframeHash }) => keyframeHash));
  return predecessor.flatMap((segment) =>
    own.flatMap((keyframe, index) => {
      if (keyframe.hash === '' || keyframe.hash !== segment.keyframeHash) return [];
      const unique = ownCounts.get(keyframe.hash) === 1 && theirCounts.get(keyframe.hash) === 1;
      return [{ shift: segment.start - keyframe.start, number: segment.number, index, unique }];
    }),
  );
}

function counts(values: readonly string[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const value of values) result.set(value, (result.get(value) ?? 0) + 1);
  return result;
}
