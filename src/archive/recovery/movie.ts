import type { FragmentTrack } from '../../media/mp4/fragment-head.ts';
import { readTrackHeaders, type TrackHeader } from '../../media/mp4/track-headers.ts';
import { rescale, type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Crc32 } from '../index/crc32.ts';
import type { IndexedTrack } from '../index/header.ts';
import type { FragmentRecord } from '../index/record.ts';
import type { FileReading } from './file-reading.ts';
import type { FoundFragment } from './find-fragment.ts';

/** What a recording begins with. */
export interface Movie {
  readonly init: { readonly length: number; readonly checksum: number };
  readonly tracks: readonly TrackHeader[];
}

/** Far more than `ftyp` and `moov` ever take here. */
const mostInitBytes = 64 * 1024;

/** Undefined when the file does not begin with a whole movie header. */
export function* readMovie(crc32: Crc32): FileReading<Movie | undefined> {
  const bytes = yield { offset: 0, length: mostInitBytes };
  const read = readTrackHeaders(bytes);
  if (read === undefined) return undefined;
  const { tracks, length } = read;
  return { tracks, init: { length, checksum: crc32(bytes.subarray(0, length)) } };
}

/** The part of a fragment that tells its times, as a recorder takes them: the video's if it has any. */
export interface Lead {
  readonly track: TrackHeader;
  readonly part: FragmentTrack;
}

/** Undefined for a fragment of another movie. */
export function leadOf({ tracks }: Movie, found: FoundFragment): Lead | undefined {
  const parts = found.tracks.map((part) => ({ part, track: tracks.find(({ id }) => id === part.id) }));
  const known = parts.filter((lead): lead is Lead => lead.track !== undefined);
  if (known.length < parts.length) return undefined;
  return known.find(({ track }) => track.kind === 'video') ?? known[0];
}

/**
 * The tracks' origins by the run's name alone: its first fragment, led by `first`, starts at `startMs`. When that fragment is lost, they are
 * wrong by the few frames that its first picture is shown after it is decoded.
 */
export function originsFrom({ tracks }: Movie, first: Lead | undefined, startMs: number): IndexedTrack[] {
  const ahead = first === undefined ? 0 : rescale(first.part.start, first.track.timescale, timescale90k);
  const zero = ticks(rescale(ticks(startMs), 1_000, timescale90k) - ahead);
  return tracks.map(({ id, timescale }) => ({ id, timescale, origin: rescale(zero, timescale90k, timescale) }));
}

export interface Place {
  readonly movie: Movie;
  readonly origins: readonly IndexedTrack[];
  /** That of the fragments around it. */
  readonly shift: Ticks;
  readonly checksum: number;
}

/** What the boxes alone say of a fragment; undefined for one of another movie. */
export function describeFragment(found: FoundFragment, place: Place): FragmentRecord | undefined {
  const { movie, origins, shift, checksum } = place;
  const lead = leadOf(movie, found);
  const origin = origins.find(({ id }) => id === lead?.track.id)?.origin;
  if (lead === undefined || origin === undefined) return undefined;
  const utc = (time: number): number => rescale(ticks(origin + time), lead.track.timescale, timescale90k) + shift;
  const start = utc(lead.part.start);
  const hasVideo = movie.tracks.some(({ kind }) => kind === 'video');
  return {
    offset: found.offset,
    length: found.length,
    start: ticks(start),
    duration: ticks(utc(lead.part.end) - start),
    segment: undefined,
    beginsSegment: false,
    keyframe: lead.part.keyframe && (lead.track.kind === 'video' || !hasVideo),
    durable: 0,
    hash: '',
    shift,
    checksum,
  };
}
