import type { Command } from 'commander';
import { Placement } from '../../cluster/placement/placement.ts';
import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import type { ConfigFiles } from '../../config/load.ts';
import { clusterConfig } from '../../config/to-cluster.ts';
import { type ServerName, type StreamName, serverName } from '../../units/ids.ts';
import { nearest } from '../../units/nearest.ts';
import type { Console } from '../terminal/console.ts';
import { loadForCommand } from '../terminal/load-for-command.ts';
import { table } from '../terminal/table.ts';

interface PlanOptions {
  readonly down: readonly string[];
  readonly json?: boolean;
}

/** Where one stream is captured, with all servers up and with some down. */
interface Row {
  readonly stream: StreamName;
  readonly home: ServerName | undefined;
  readonly captureAt: ServerName | undefined;
  readonly pinned: boolean;
}

/** `headwater plan FILE [--down HOST]…`: where each stream would be captured, before and after. Needs no name and no network. */
export function registerPlan(
  program: Command,
  ports: { readonly files: ConfigFiles; readonly console: Console },
): void {
  program
    .command('plan')
    .description('show where each stream would be captured, with all servers up and with some down')
    .argument('<file>', 'the configuration')
    .option('--down <host>', 'a server that is down; may be given several times', collect, [])
    .option('--json', 'print {"servers":[…],"streams":[…]} instead of tables')
    .action(async (file: string, options: PlanOptions) => {
      const loaded = await loadForCommand(file, ports.files, ports.console);
      if (loaded === undefined) return;
      // No digest: nothing of a plan depends on it.
      plan(clusterConfig(loaded.config, { digest: '' }), options, ports.console);
    });
}

const collect = (host: string, hosts: readonly string[]): string[] => [...hosts, host];

function plan(config: ClusterConfig, options: PlanOptions, console: Console): void {
  const names = config.servers.map((server) => server.name);
  const unknown = options.down.find((host) => !names.includes(serverName(host)));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    console.complain(`headwater: no peer has the name ${unknown}\n${near === undefined ? '' : `hint: ${near}?\n`}`);
    console.exit(1);
    return;
  }
  const up = new Set(names.filter((name) => !options.down.includes(name)));
  const rows = placed(config, up);
  console.write(options.json ? json(names, rows, up) : text(names, rows, up));
  console.exit(0);
}

function placed(config: ClusterConfig, up: ReadonlySet<ServerName>): Row[] {
  const placement = new Placement(config.servers, config.streams);
  return config.streams.map((stream) => ({
    stream: stream.name,
    home: placement.home(stream.name),
    captureAt: placement.standIn(stream.name, up),
    pinned: stream.captureAt !== undefined,
  }));
}

function json(names: readonly ServerName[], rows: readonly Row[], up: ReadonlySet<ServerName>): string {
  const servers = names.map((name) => ({
    name,
    down: !up.has(name),
    streamsBefore: rows.filter((row) => row.home === name).length,
    streamsAfter: rows.filter((row) => row.captureAt === name).length,
  }));
  const streams = rows.map((row) => ({
    name: row.stream,
    home: row.home ?? null,
    capturedBy: row.captureAt ?? null,
    pinned: row.pinned,
  }));
  return `${JSON.stringify({ servers, streams })}\n`;
}

function text(names: readonly ServerName[], rows: readonly Row[], up: ReadonlySet<ServerName>): string {
  const someDown = up.size < names.length;
  const count = (pick: (row: Row) => boolean): string => String(rows.filter(pick).length);
  const servers = names.map((name) => {
    const before = count((row) => row.home === name);
    if (!someDown) return [name, before];
    return [
      up.has(name) ? name : `${name} (down)`,
      before,
      up.has(name) ? count((row) => row.captureAt === name) : '-',
    ];
  });
  const streams = rows.map((row) => {
    const home = `${row.home ?? '-'}${row.pinned ? ' (capture_at)' : ''}`;
    if (!someDown) return [row.stream, home];
    return [row.stream, home, row.captureAt === row.home ? '' : `-> ${row.captureAt ?? 'nobody'}`];
  });
  const after = someDown ? ['AFTER'] : [];
  const moved = someDown ? `\n${count((row) => row.captureAt !== row.home)} of ${rows.length} streams move\n` : '';
  return `${table(['SERVER', 'STREAMS', ...after], servers)}\n${table(['STREAM', 'HOME', ...after], streams)}${moved}`;
}
