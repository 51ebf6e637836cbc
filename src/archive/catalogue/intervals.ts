import type { ServerName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { overlap, type Span, seam } from '../span/span.ts';
import type { HeldRun } from './held-runs.ts';

/** A stretch of time that is recorded throughout and lies on the same servers throughout. */
export interface Interval extends Span {
  /** Of all recordings of it, each once, however many copies there are; estimated where a run lies in it in part. */
  readonly bytes: number;
  readonly holders: readonly ServerName[];
  readonly replicating: boolean;
}

/**
 * What is recorded within a span, in order. Between two intervals something is missing unless the one begins where the other ends: there
 * only the servers change. What is shorter than a seam is no interval and no gap.
 */
export function intervals(runs: Iterable<HeldRun>, within: Span): Interval[] {
  const found: Growing[] = [];
  for (const stretch of stretches(edgesOf(runs, within))) {
    const last = found.at(-1);
    if (last !== undefined && continues(last, stretch)) {
      last.end = stretch.end;
      last.bytes += stretch.bytes;
    } else found.push(stretch);
  }
  for (const interval of found) interval.bytes = Math.round(interval.bytes);
  return found;
}

/** An interval that others may still be added to. */
interface Growing extends Interval {
  end: Ticks;
  bytes: number;
}

function continues(last: Interval, next: Interval): boolean {
  if (next.start - last.end > seam) return false;
  if (next.end - next.start <= seam && next.start <= last.end) return true;
  return last.replicating === next.replicating && sameServers(last.holders, next.holders);
}

function sameServers(a: readonly ServerName[], b: readonly ServerName[]): boolean {
  return a === b || (a.length === b.length && a.every((server, i) => server === b[i]));
}

/** A recording that lies around a moment. */
interface Active {
  readonly run: HeldRun;
  /** Of 90 kHz. */
  readonly bytesPerTick: number;
}

interface Edge {
  readonly at: number;
  readonly active: Active;
  readonly begins: boolean;
}

function edgesOf(runs: Iterable<HeldRun>, within: Span): Edge[] {
  const edges: Edge[] = [];
  for (const run of runs) {
    const spans = run.spans ?? [run];
    const length = spans.reduce((sum, { start, end }) => sum + end - start, 0);
    for (const span of spans) {
      const part = overlap(span, within);
      if (part === undefined) continue;
      const active = { run, bytesPerTick: run.bytes / length };
      edges.push({ at: part.start, active, begins: true }, { at: part.end, active, begins: false });
    }
  }
  return edges.sort((a, b) => a.at - b.at);
}

/** Between two edges nothing changes. */
function* stretches(edges: readonly Edge[]): Generator<Growing> {
  const active = new Set<Active>();
  let since = 0;
  for (const edge of edges) {
    if (active.size > 0 && edge.at > since) yield stretch(active, since, edge.at);
    since = edge.at;
    if (edge.begins) active.add(edge.active);
    else active.delete(edge.active);
  }
}

function stretch(active: ReadonlySet<Active>, start: number, end: number): Growing {
  let [bytes, replicating] = [0, false];
  let holders: readonly ServerName[] | undefined;
  for (const { run, bytesPerTick } of active) {
    bytes += bytesPerTick * (end - start);
    replicating ||= run.replicating;
    holders = holders === undefined ? run.holders : [...new Set([...holders, ...run.holders])].sort();
  }
  return { start: ticks(start), end: ticks(end), bytes, holders: holders ?? [], replicating };
}
