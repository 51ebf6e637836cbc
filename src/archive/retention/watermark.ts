// How far retention has come with a stream, kept in its folder as one line of text: 2026-09-01T12:00:00.000Z. It is on the disk before the
// first run that it is about is deleted, so that what was deleted is never fetched again from another server.
import { rescale, type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Span } from '../span/span.ts';

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n?$/;

/** Raised, if need be, over the end of a run that is about to be deleted; whole milliseconds. */
export function raisedOver(watermark: Ticks | undefined, { end }: Span): Ticks {
  const above = rescale(ticks(Math.ceil(end / (timescale90k / 1_000))), 1_000, timescale90k);
  return ticks(Math.max(watermark ?? Number.NEGATIVE_INFINITY, above));
}

/** Whether a run of another server is one that retention would have deleted, or did. */
export function isBelow(watermark: Ticks | undefined, { end }: Span): boolean {
  return watermark !== undefined && end <= watermark;
}

export function renderWatermark(watermark: Ticks): string {
  return `${new Date(rescale(watermark, timescale90k, 1_000)).toISOString()}\n`;
}

/** Undefined for what is none. */
export function parseWatermark(text: string): Ticks | undefined {
  const time = Date.parse(pattern.exec(text)?.[1] ?? '');
  return Number.isNaN(time) ? undefined : rescale(ticks(time), 1_000, timescale90k);
}
