import type { Command } from 'commander';
import { defaultSince } from '../../api/event-query.ts';
import { type EventJson, eventsSchema, type StreamJson, streamsSchema } from '../../api/schema.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';
import { counted } from '../terminal/counted.ts';
import { lookHelp } from '../terminal/server-help.ts';
import { span, table } from '../terminal/table.ts';

/** A day of a quiet group, a bad hour of a large one; the API gives no more at once. */
const mostEvents = 10_000;

/** The causes that are words; longer ones would push the sentence off the screen. */
const longestCause = 16;

/** Events of these kinds have a loss, be it none, unless nobody can know. */
const moves: ReadonlySet<string> = new Set(['takeover', 'failback', 'handover', 'group-outage']);

/** Between two frames of a stream that runs; a camera that sends fewer is as good as dark. */
const darkAfterMs = 5_000;

/** More names than these are counted. */
const mostNamed = 5;

interface Options {
  readonly since: string;
  readonly until?: string;
  readonly json?: boolean;
}

/** `headwater events [--since 24h] [--until TIME] [URL]`: last night's story, from any live server. */
export function registerEvents(program: Command, console: Console): void {
  program
    .command('events')
    .description('show what happened in a group: takeovers, failbacks, servers and sources lost and found')
    .argument('[url]', 'a running server')
    .addHelpText('after', lookHelp)
    .option(
      '--since <when>',
      'how far back, such as 30m, 1h30m or 7d, or a time in UTC such as 22:00 or 2026-01-31T22:00:00Z',
      defaultSince,
    )
    .option('--until <when>', 'up to when, written the same way (default: now)')
    .option('--json', 'print {"events":[…]} instead of a table')
    .action((url: string | undefined, { since, until, json }: Options) =>
      askServer(url, console, async (api) => {
        const query = new URLSearchParams({ since, limit: String(mostEvents), ...(until !== undefined && { until }) });
        const { events } = await api.get(`/api/v1/events?${query}`, eventsSchema);
        if (json) console.write(`${JSON.stringify({ events })}\n`);
        // Of a span that is over, what is dark now is no part.
        else if (until !== undefined) console.write(eventsText(events, []));
        else console.write(eventsText(events, (await api.get('/api/v1/streams', streamsSchema)).streams));
      }),
    );
}

/** The story as a table, and in the last line what an operator asks first. `streams`: as they are now, at its end. */
export function eventsText(events: readonly EventJson[], streams: readonly StreamJson[]): string {
  const now = darkNow(streams);
  if (events.length === 0) return `nothing happened${now}\n`;
  const rows = events.map((event) => [
    clock(event.time).slice(0, 19),
    tellers(event),
    event.kind,
    shortened(event.cause ?? '-'),
    span(event.tookMs),
    span(event.videoLostMs),
    hole(event),
    event.message,
  ]);
  const head = ['TIME (UTC)', 'TOLD BY', 'WHAT', 'CAUSE', 'TOOK', 'VIDEO LOST', 'FROM - TO (UTC)', ''];
  return `${table(head, rows)}${losses(events, now !== '')}${now}\n`;
}

/** Who saw it first, and how many saw the same. */
function tellers({ server, observedBy }: EventJson): string {
  return observedBy.length > 1 ? `${server} +${observedBy.length - 1}` : server;
}

/** A source's error is in the sentence in full. */
function shortened(cause: string): string {
  return cause.length > longestCause ? `${cause.slice(0, longestCause - 1)}…` : cause;
}

/** Where the video is missing, to a tenth of a second; the date where it is not that of the event. */
function hole({ time, videoLostFrom, videoLostTo }: EventJson): string {
  if (videoLostFrom === null || videoLostTo === null) return '-';
  const shown = (moment: string): string => clock(moment).slice(moment.slice(0, 10) === time.slice(0, 10) ? 11 : 0, 21);
  return `${shown(videoLostFrom)} - ${shown(videoLostTo)}`;
}

/** `2026-01-31 22:00:00.000` */
function clock(time: string): string {
  return time.replace('T', ' ').replace('Z', '');
}

/** A drain sums up what its handovers told. `goesOn`: something is being lost that no event can tell yet. */
function losses(events: readonly EventJson[], goesOn: boolean): string {
  const losing = events.filter(({ kind, videoLostMs }) => kind !== 'drained' && (videoLostMs ?? 0) > 0);
  const unknown = events.filter(({ kind, videoLostMs }) => moves.has(kind) && videoLostMs === null).length;
  const lostMs = losing.reduce((sum, { videoLostMs }) => sum + (videoLostMs ?? 0), 0);
  const streams = new Set(losing.map(({ stream }) => stream)).size;
  const none = goesOn ? 'no video lost before' : 'no video lost';
  const lost = lostMs === 0 ? none : `video lost: ${span(lostMs)} of ${counted(streams, 'stream')}`;
  return unknown === 0 ? lost : `${lost}; not known of ${counted(unknown, 'event')}`;
}

/** The streams of which nobody has video at this moment, as the end of a sentence. */
function darkNow(streams: readonly StreamJson[]): string {
  const dark = streams.filter(isDark);
  if (dark.length === 0) return '';
  const named = dark.slice(0, mostNamed).map(({ name, lastFrameMs }) => {
    return lastFrameMs === null ? name : `${name} for ${span(lastFrameMs)}`;
  });
  const more = dark.length > mostNamed ? ` and ${dark.length - mostNamed} more` : '';
  return `; NO VIDEO NOW: ${named.join(', ')}${more}`;
}

/** `idle`: another server's own, of which this one knows nothing. */
function isDark({ state, lastFrameMs }: StreamJson): boolean {
  return state === 'running' ? (lastFrameMs ?? 0) > darkAfterMs : state !== 'idle';
}
