import { formatDuration } from '../../units/duration.ts';
import { millis } from '../../units/time.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { whereIs } from '../syntax/source-text.ts';
import type { StreamLine } from './read-streams.ts';

/** As `leastPatience` in capture/source/source-loop.ts. */
const leastShare = millis(2_000);

/** What no single url shows: the same camera twice, and more urls than there is time for. */
export function checkSources(streams: readonly StreamLine[], reporter: Reporter): void {
  const read = new Map<string, { readonly line: StreamLine; readonly word: Word }>();
  for (const line of streams) {
    for (const { url, word } of line.urls) {
      const earlier = read.get(url);
      if (earlier === undefined) read.set(url, { line, word });
      else if (earlier.line === line) {
        const where = `it stands on ${whereIs(earlier.word, word)} already`;
        reporter.warning(word, `stream ${reporter.quote(line.name)} has this url twice`, where);
      } else {
        const message = `streams ${reporter.quote(earlier.line.name)} and ${reporter.quote(line.name)} read the same url, each on a connection of its own`;
        reporter.warning(word, message, 'one stream has any number of viewers, and costs its camera one connection');
      }
    }
    checkTime(line, reporter);
  }
}

function checkTime({ stream, name }: StreamLine, reporter: Reporter): void {
  const { length } = stream.sources;
  const needed = millis(length * leastShare);
  if (length < 2 || needed <= stream.sourceTimeout) return;
  const message = `stream ${reporter.quote(name)} has ${length} urls, of which each is tried for ${formatDuration(leastShare)} at the least, and is given up after ${formatDuration(stream.sourceTimeout)}: the last ones are never tried`;
  reporter.warning(name, message, `source_timeout ${formatDuration(needed)} or more`);
}
