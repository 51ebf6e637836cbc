import type { Command } from 'commander';
import { type EventJson, eventsSchema } from '../../api/schema.ts';
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
const moves: ReadonlySet<string> = new Set(['takeover', 'failback', 'handover']);

/** `headwater events [--since 12h] [URL]`: last night's story, from any live server. */
export function registerEvents(program: Command, console: Console): void {
  program
    .command('events')
    .description('show what happened in a group: takeovers, failbacks, servers and sources lost and found')
    .argument('[url]', 'a running server')
    .addHelpText('after', lookHelp)
    .option('--since <span>', 'how far back, such as 30m, 12h or 7d, or a time such as 2026-01-31T22:00:00Z', '12h')
    .option('--json', 'print {"events":[…]} instead of a table')
    .action((url: string | undefined, options: { readonly since: string; readonly json?: boolean }) =>
      askServer(url, console, async (api) => {
        const query = new URLSearchParams({ since: options.since, limit: String(mostEvents) });
        const { events } = await api.get(`/api/v1/events?${query}`, eventsSchema);
        console.write(options.json ? `${JSON.stringify({ events })}\n` : eventsText(events));
      }),
    );
}

/** The story as a table, and in the last line what an operator asks first. */
export function eventsText(events: readonly EventJson[]): string {
  if (events.length === 0) return 'nothing happened\n';
  const rows = events.map((event) => [
    event.time.replace('T', ' ').slice(0, 19),
    tellers(event),
    event.kind,
    shortened(event.cause ?? '-'),
    span(event.tookMs),
    span(event.videoLostMs),
    event.message,
  ]);
  return `${table(['TIME (UTC)', 'TOLD BY', 'WHAT', 'CAUSE', 'TOOK', 'VIDEO LOST', ''], rows)}${losses(events)}\n`;
}

/** Who saw it first, and how many saw the same. */
function tellers({ server, observedBy }: EventJson): string {
  return observedBy.length > 1 ? `${server} +${observedBy.length - 1}` : server;
}

/** A source's error is in the sentence in full. */
function shortened(cause: string): string {
  return cause.length > longestCause ? `${cause.slice(0, longestCause - 1)}…` : cause;
}

/** A drain sums up what its handovers told. */
function losses(events: readonly EventJson[]): string {
  const losing = events.filter(({ kind, videoLostMs }) => kind !== 'drained' && (videoLostMs ?? 0) > 0);
  const unknown = events.filter(({ kind, videoLostMs }) => moves.has(kind) && videoLostMs === null).length;
  const lostMs = losing.reduce((sum, { videoLostMs }) => sum + (videoLostMs ?? 0), 0);
  const streams = new Set(losing.map(({ stream }) => stream)).size;
  const lost = lostMs === 0 ? 'no video lost' : `video lost: ${span(lostMs)} of ${counted(streams, 'stream')}`;
  return unknown === 0 ? lost : `${lost}; not known of ${counted(unknown, 'event')}`;
}
