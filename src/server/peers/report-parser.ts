import type { MediaStatus } from '../../api/ports.ts';
import {
  amount,
  count,
  type Fields,
  fields,
  list,
  malformed,
  optional,
  parsed,
  text,
} from '../../units/json-fields.ts';
import { millis } from '../../units/time.ts';
import type { MediaReport, StreamReport } from '../media/media-board.ts';

/** No configuration has as many streams, no source as many tracks; a peer that says more is broken. */
const mostStreams = 100_000;
const mostTracks = 100;

type TrackStatus = MediaStatus['tracks'][number];

/** The report in a peer's parsed JSON, or undefined when it is none. Never throws; ignores what it does not know. */
export function parseReport(value: unknown): MediaReport | undefined {
  return parsed(() => {
    const streams = Object.entries(fields(value));
    if (streams.length > mostStreams) malformed();
    return Object.fromEntries(streams.map(([stream, report]) => [stream, streamReport(fields(report))]));
  });
}

function streamReport(from: Fields): StreamReport {
  const media = optional(from.media, (value) => status(fields(value)));
  const error = optional(from.error, (value) => text(value));
  const lastFrameAge = optional(from.lastFrameAge, (age) => millis(amount(age)));
  return {
    ...(media !== undefined && { media }),
    ...(error !== undefined && { error }),
    ...(lastFrameAge !== undefined && { lastFrameAge }),
  };
}

function status(from: Fields): MediaStatus {
  return {
    source: text(from.source),
    lastFrameAge: optional(from.lastFrameAge, (age) => millis(amount(age))),
    bitrateBps: optional(from.bitrateBps, amount),
    bytesTotal: count(from.bytesTotal),
    damageTotal: count(from.damageTotal),
    lostSegmentsTotal: optional(from.lostSegmentsTotal, count) ?? 0,
    tracks: list(from.tracks, mostTracks, (value) => track(fields(value))),
  };
}

function track(from: Fields): TrackStatus {
  const [width, height] = [optional(from.width, count), optional(from.height, count)];
  const [sampleRate, channels] = [optional(from.sampleRate, count), optional(from.channels, count)];
  return {
    kind: kind(text(from.kind)),
    codec: text(from.codec),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(sampleRate !== undefined && { sampleRate }),
    ...(channels !== undefined && { channels }),
  };
}

/** What a later version invented is a track all the same. */
function kind(name: string): TrackStatus['kind'] {
  return name === 'video' || name === 'audio' ? name : 'unsupported';
}
