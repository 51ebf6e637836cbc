import type { Snapshot, SnapshotServer, SnapshotStream } from './snapshot.ts';

export interface TableInput {
  readonly snapshot: Snapshot | undefined;
  /** The processes as the demonstration knows them: `running`, `frozen`, `killed`. */
  readonly processes: ReadonlyMap<string, string>;
  readonly selected: string;
  readonly urls: readonly string[];
  /** The newest last. */
  readonly happened: readonly string[];
  /** Where the demonstration keeps its files. */
  readonly files: string;
  readonly columns: number;
  readonly rows: number;
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;
const green = (text: string): string => `\u001b[32m${text}\u001b[0m`;
const yellow = (text: string): string => `\u001b[33m${text}\u001b[0m`;
const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;

/** As wide as the narrowest usual terminal. */
const keyHelp = [
  `${bold('1 2 3')} choose`,
  `${bold('k')} kill -9`,
  `${bold('f')} freeze/thaw`,
  `${bold('d')} drain/undrain`,
  `${bold('r')} restart`,
  `${bold('q')} quit`,
].join('  ');

/** State is exchanged every 3 s (`fetch_timeout`) at the least; what is older than that and an answer on its way is overdue. */
const unheardAfterMs = 4_000;

/** Even a small terminal shows what happened last. */
const leastNews = 5;

/**
 * The whole screen as lines, ready to be drawn over the last one. What one came to see stands first: servers, keys, news; a small
 * terminal cuts the streams and the addresses.
 */
export function renderTable(input: TableInput): string[] {
  const { snapshot } = input;
  const streams = snapshot?.streams.map((stream) => streamLine(stream, snapshot)) ?? [dim('    no server answers')];
  const above = [
    bold('Headwater') + dim('  every camera captured once: the first two pinned to s1, the rest spread'),
    bold(`    ${pad('SERVER', 8)}${pad('PROCESS', 10)}${pad('SEEN AS', 10)}${pad('STREAMS', 9)}LAST HEARD`),
    ...[...input.processes].map(([name, process]) => serverLine(name, process, input)),
    `  ${keyHelp}`,
    '',
  ];
  const below = [
    '',
    bold(
      `    ${pad('STREAM', 8)}${pad('STATE', 10)}${pad('HOME', 8)}${pad('CAPTURED BY', 17)}${pad('LAST FRAME', 12)}SOURCE`,
    ),
    ...streams,
    '',
    bold('  watch from any server:') + dim('  the first in a browser, the others in ffplay or VLC'),
    ...input.urls.map((url) => `    ${url}`),
    dim(`  ${input.files}`),
  ];
  const room = Math.max(leastNews, input.rows - above.length - below.length - 1);
  const news = [bold('  what happened (UTC):'), ...input.happened.slice(-room).map((line) => `    ${line}`)];
  return [...above, ...news, ...below].slice(0, input.rows).map((line) => clip(line, input.columns));
}

function serverLine(name: string, process: string, { snapshot, selected }: TableInput): string {
  const seen = snapshot?.servers.find((server) => server.name === name);
  const marker = name === selected ? '  > ' : '    ';
  const heard = name === snapshot?.answeredBy ? dim('answers here') : age(seen?.lastHeardMs);
  const state = isOverdue(seen, snapshot) ? 'unheard' : (seen?.state ?? '-');
  const streams = seen === undefined ? '-' : String(seen.streams);
  return `${marker}${pad(name, 8)}${paintProcess(pad(process, 10))}${paintState(pad(state, 10))}${pad(streams, 9)}${heard}`;
}

function streamLine(stream: SnapshotStream, snapshot: Snapshot): string {
  const by = stream.capturedBy === undefined ? '-' : `${stream.capturedBy}${stream.standIn ? ' (stand-in)' : ''}`;
  const paintedBy = stream.standIn ? yellow(pad(by, 17)) : pad(by, 17);
  const owner = snapshot.servers.find((server) => server.name === stream.capturedBy);
  // Its last word was that the stream runs: whether it still does, nobody knows.
  const state = isOverdue(owner, snapshot) ? 'unheard' : stream.state;
  return `    ${pad(stream.name, 8)}${paintState(pad(state, 10))}${pad(stream.home ?? '-', 8)}${paintedBy}${pad(age(stream.lastFrameMs), 12)}${dim(stream.source)}`;
}

/** Held for alive, but it should have been heard by now. */
function isOverdue(server: SnapshotServer | undefined, snapshot: Snapshot | undefined): boolean {
  if (server === undefined || server.name === snapshot?.answeredBy || server.state === 'dead') return false;
  return server.lastHeardMs !== undefined && server.lastHeardMs > unheardAfterMs;
}

function age(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

function paintProcess(text: string): string {
  if (text.startsWith('running')) return green(text);
  return text.startsWith('frozen') ? yellow(text) : red(text);
}

function paintState(text: string): string {
  if (/^(alive|running)/.test(text)) return green(text);
  return /^(dead|error)/.test(text) ? red(text) : yellow(text);
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}

/** Cuts to the terminal's width without counting or breaking colour codes. */
function clip(line: string, columns: number): string {
  let shown = 0;
  let out = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    if (part.startsWith('\u001b')) {
      out += part;
      continue;
    }
    const kept = part.slice(0, Math.max(0, columns - shown));
    shown += kept.length;
    out += kept;
  }
  return out;
}
