import type { Command } from 'commander';
import { type EventJson, eventsSchema } from '../../api/schema.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';
import { lookHelp } from '../terminal/server-help.ts';
import { span, table } from '../terminal/table.ts';

/** A day of a quiet group, a bad hour of a large one; the API gives no more at once. */
const mostEvents = 10_000;

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
        console.write(options.json ? `${JSON.stringify({ events })}\n` : text(events));
      }),
    );
}

function text(events: readonly EventJson[]): string {
  if (events.length === 0) return 'nothing happened\n';
  return table(
    ['TIME (UTC)', 'TOLD BY', 'WHAT', 'CAUSE', 'TOOK', 'VIDEO LOST', ''],
    events.map((event) => [
      event.time.replace('T', ' ').slice(0, 19),
      event.server,
      event.kind,
      event.cause ?? '-',
      span(event.tookMs),
      span(event.videoLostMs),
      event.message,
    ]),
  );
}
