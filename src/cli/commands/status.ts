import type { Command } from 'commander';
import type { Readiness } from '../../api/ports.ts';
import { readinessSchema, type ServerJson, type StreamJson, serversSchema, streamsSchema } from '../../api/schema.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';
import { lookHelp } from '../terminal/server-help.ts';
import { span, table } from '../terminal/table.ts';

/** `headwater status [URL] [--json]`: the group at a glance, from any of its servers. */
export function registerStatus(program: Command, console: Console): void {
  program
    .command('status')
    .description('show the servers and streams of a group, as one of its servers sees them')
    .argument('[url]', 'a running server')
    .addHelpText('after', lookHelp)
    .option('--json', 'print {"servers":[…],"streams":[…]} instead of tables')
    .action((url: string | undefined, options: { readonly json?: boolean }) =>
      askServer(url, console, async (api) => {
        const { servers } = await api.get('/api/v1/servers', serversSchema);
        const { streams } = await api.get('/api/v1/streams', streamsSchema);
        const { status } = await api.get('/readyz', readinessSchema);
        const told = options.json ? `${JSON.stringify({ servers, streams })}\n` : text(servers, streams, status);
        console.write(told);
      }),
    );
}

function text(servers: readonly ServerJson[], streams: readonly StreamJson[], readiness: Readiness): string {
  const running = streams.filter((stream) => stream.state === 'running').length;
  const doubt = doubts[readiness];
  const counted = `${running} of ${streams.length} streams run${doubt === undefined ? '' : ', as far as this server knows'}`;
  const reason = doubt === undefined ? '' : `${doubt}\n`;
  return `${serverTable(servers)}\n${streamTable(streams)}\n${counted}\n${reason}`;
}

/** Why this server does not know what the others do. */
const doubts: Partial<Record<Readiness, string>> = {
  minority: 'this server is on the smaller side of a parted group: it captures nothing, and does not see who does',
  refused:
    'the other servers and this one refuse each other: is cluster_key the same on all? It does not see what they capture',
};

function serverTable(servers: readonly ServerJson[]): string {
  const own = servers.find((server) => server.self);
  return table(
    ['SERVER', 'STATE', 'STREAMS', 'HEARD', 'SKEW', 'CONFIG', 'VERSION'],
    servers.map((server) => [
      server.self ? `${server.name} *` : server.name,
      server.cause === 'leave' ? `${server.state} (left)` : server.state,
      String(server.streams),
      server.self ? '-' : span(server.lastHeardMs),
      server.clockSkewMs === null ? '-' : `${server.clockSkewMs} ms`,
      server.configDigest === null ? '-' : server.configDigest === own?.configDigest ? 'same' : 'differs',
      server.version ?? '-',
    ]),
  );
}

function streamTable(streams: readonly StreamJson[]): string {
  return table(
    ['STREAM', 'STATE', 'HOME', 'CAPTURED BY', 'SINCE', 'FRAME', 'RATE', 'SOURCE'],
    streams.map((stream) => [
      stream.name,
      stream.state,
      stream.home ?? '-',
      captor(stream),
      span(stream.sinceMs),
      span(stream.lastFrameMs),
      stream.bitrateBps === null ? '-' : `${(stream.bitrateBps / 1e6).toFixed(2)} Mbit/s`,
      stream.error ?? stream.source,
    ]),
  );
}

/** Who has it; while nobody has, who tried last. */
function captor({ capturedBy, standIn, triedBy }: StreamJson): string {
  if (capturedBy === null) return triedBy === null ? '-' : `nobody (tried: ${triedBy})`;
  return standIn ? `${capturedBy} (stand-in)` : capturedBy;
}
