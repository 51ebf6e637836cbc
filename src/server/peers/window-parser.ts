import type { InitSegment, LiveSegment, LiveWindow } from '../../hls/live-window.ts';
import { serverName } from '../../units/ids.ts';
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
import { ticks } from '../../units/ticks.ts';

/** A list names eight; later versions may name more. */
const mostSegments = 100;
/** Base64 of some kilobytes of codec parameters. */
const longestInit = 1_000_000;
/** What ends a line or a quoted string of a playlist must not come from a peer. */
const quotable = /^[^"\r\n]*$/;

/** The window in a peer's parsed JSON, or undefined when it is none. Never throws; ignores what it does not know. */
export function parseWindow(value: unknown): LiveWindow | undefined {
  return parsed(() => window(fields(value)));
}

function window(from: Fields): LiveWindow {
  const segments = list(from.segments, mostSegments, segment);
  const first = segments[0]?.number ?? 0;
  // Players end at a list with a number left out.
  if (segments.some(({ number }, i) => number !== first + i)) malformed();
  const bandwidth = fields(from.bandwidth);
  return {
    revision: count(from.revision),
    targetDuration: amount(from.targetDuration),
    segments,
    inits: list(from.inits, mostSegments, init),
    bandwidth: { peak: amount(bandwidth.peak), average: amount(bandwidth.average) },
  };
}

function segment(value: unknown): LiveSegment {
  const from = fields(value);
  return {
    number: count(from.number),
    start: ticks(amount(from.start)),
    duration: ticks(amount(from.duration)),
    keyframeHash: text(from.keyframeHash),
    init: phrase(from.init),
    bytes: count(from.bytes),
    holder: serverName(text(from.holder)),
  };
}

function init(value: unknown): InitSegment {
  const from = fields(value);
  return {
    id: phrase(from.id),
    data: text(from.data, longestInit),
    codecs: phrase(from.codecs),
    resolution: optional(from.resolution, resolution),
    frameRate: optional(from.frameRate, amount),
  };
}

function resolution(value: unknown): { width: number; height: number } {
  const from = fields(value);
  return { width: count(from.width), height: count(from.height) };
}

function phrase(value: unknown): string {
  const words = text(value);
  return quotable.test(words) ? words : malformed();
}
