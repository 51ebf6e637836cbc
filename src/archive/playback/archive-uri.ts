// The addresses that archive playlists list, relative to NAME/. By run and fragments, which never change: an answer may be kept for ever, and
// any server can tell who has it.
//
//   <run>.<first>-<last>.m4s    fragments of a run, both ends included
//   <run>.init.mp4              what they need before them
import { formatRunName, parseRunName, type RunName } from '../layout/run-name.ts';

export type ArchiveUri =
  | { readonly kind: 'segment'; readonly run: RunName; readonly first: number; readonly last: number }
  | { readonly kind: 'init'; readonly run: RunName };

export interface RunUris {
  readonly init: string;
  /** Both ends included. */
  segment(first: number, last: number): string;
}

/** The addresses of a run. */
export function archiveUris(run: RunName): RunUris {
  // A name has percent signs of its own; so the address has them escaped.
  const name = encodeURIComponent(formatRunName(run));
  return { init: `${name}.init.mp4`, segment: (first, last) => `${name}.${first}-${last}.m4s` };
}

const segmentPattern = /^(.+)\.(\d{1,9})-(\d{1,9})\.m4s$/;
const initPattern = /^(.+)\.init\.mp4$/;

/** Of the last part of a path as a router gives it, unescaped; undefined for what is no such address. */
export function parseArchiveUri(text: string): ArchiveUri | undefined {
  const init = parseRunName(initPattern.exec(text)?.[1] ?? '');
  if (init !== undefined) return { kind: 'init', run: init };
  const [, name = '', from, to] = segmentPattern.exec(text) ?? [];
  const run = parseRunName(name);
  const [first, last] = [Number(from), Number(to)];
  return run === undefined || first > last ? undefined : { kind: 'segment', run, first, last };
}
