import type { Command } from 'commander';
import { Placement } from '../../cluster/placement/placement.ts';
import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import type { ConfigFiles } from '../../config/loading/load.ts';
import type { Config } from '../../config/model/config.ts';
import { clusterConfig } from '../../config/running/to-cluster.ts';
import { type ServerName, type StreamName, serverName } from '../../units/ids.ts';
import { nearest } from '../../units/nearest.ts';
import type { Console } from '../terminal/console.ts';
import { counted } from '../terminal/counted.ts';
import { loadForCommand } from '../terminal/load-for-command.ts';
import { table } from '../terminal/table.ts';

interface PlanOptions {
  readonly down?: readonly string[];
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
    .option('--down <host>', 'a server that is down; may be given several times', collect)
    .option('--json', 'print {"servers":[…],"streams":[…]} instead of tables')
    .action(async (file: string, options: PlanOptions) => {
      const loaded = await loadForCommand(file, ports.files, ports.console);
      if (loaded === undefined) return;
      plan(loaded.config, options, ports.console);
    });
}

const collect = (host: string, hosts: readonly string[] = []): string[] => [...hosts, host];

function plan(whole: Config, options: PlanOptions, console: Console): void {
  // No digest: nothing of a plan depends on it.
  const config = clusterConfig(whole, { digest: '' });
  const names = config.servers.map((server) => server.name);
  const { down = [] } = options;
  const unknown = down.find((host) => !names.includes(serverName(host)));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    console.complain(
      `headwater: no peer has the name ${unknown}\n${near === undefined ? '' : `hint: did you mean ${near}?\n`}`,
    );
    console.exit(1);
    return;
  }
  const up = new Set(names.filter((name) => !down.includes(name)));
  const unshared = whole.streams.filter((stream) => stream.clusterIngest === undefined).map((stream) => stream.name);
  const planned = { names, rows: placed(config, up), up, unshared };
  console.write(options.json ? json(planned) : text(planned));
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

interface Plan {
  readonly names: readonly ServerName[];
  readonly rows: readonly Row[];
  readonly up: ReadonlySet<ServerName>;
  /** Without `cluster_ingest`: captured by every server for itself. */
  readonly unshared: readonly StreamName[];
}

function json({ names, rows, up, unshared }: Plan): string {
  const servers = names.map((name) => ({
    name,
    down: !up.has(name),
    streamsBefore: rows.filter((row) => row.home === name).length,
    pinned: rows.filter((row) => row.home === name && row.pinned).length,
    streamsAfter: rows.filter((row) => row.captureAt === name).length,
  }));
  const streams = rows.map((row) => ({
    name: row.stream,
    home: row.home ?? null,
    capturedBy: row.captureAt ?? null,
    pinned: row.pinned,
  }));
  return `${JSON.stringify({ servers, streams, onEveryServer: unshared })}\n`;
}

function text({ names, rows, up, unshared }: Plan): string {
  const someDown = up.size < names.length;
  const count = (pick: (row: Row) => boolean): string => String(rows.filter(pick).length);
  const servers = names.map((name) => {
    const isHome = (row: Row): boolean => row.home === name;
    const before = [
      count(isHome),
      count((row) => isHome(row) && row.pinned),
      count((row) => isHome(row) && !row.pinned),
    ];
    if (!someDown) return [name, ...before];
    const after = up.has(name) ? count((row) => row.captureAt === name) : '-';
    return [up.has(name) ? name : `${name} (down)`, ...before, after];
  });
  const streams = rows.map((row) => {
    const home = `${row.home ?? '-'}${row.pinned ? ' (capture_at)' : ''}`;
    if (!someDown) return [row.stream, home];
    return [row.stream, home, row.captureAt === row.home ? '' : `-> ${row.captureAt ?? 'nobody'}`];
  });
  const after = someDown ? ['AFTER'] : [];
  const notes = [
    'PINNED by capture_at, whatever the others have; SPREAD evenly, by weight.',
    ...(unshared.length === 0 ? [] : [unsharedNote(unshared)]),
    ...(someDown ? [`${count((row) => row.captureAt !== row.home)} of ${counted(rows.length, 'stream')} move.`] : []),
  ];
  const serverTable = table(['SERVER', 'STREAMS', 'PINNED', 'SPREAD', ...after], servers);
  return `${serverTable}\n${table(['STREAM', 'HOME', ...after], streams)}\n${notes.join('\n')}\n`;
}

/** Enough to see what kind of streams they are. */
const namesShown = 5;

function unsharedNote(streams: readonly StreamName[]): string {
  const shown = streams.slice(0, namesShown).join(', ');
  const more = streams.length > namesShown ? ', …' : '';
  const has = streams.length === 1 ? 'has no cluster_ingest and is' : 'have no cluster_ingest and are';
  return `${counted(streams.length, 'stream')} ${has} captured by every server for itself: ${shown}${more}.`;
}
