import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../adapters/clock.ts';
import { type Action, actionOfKey, actionOfLine, notUnderstood } from './actions.ts';
import { type Cameras, startDemoCameras } from './camera-process.ts';
import { Fleet } from './fleet.ts';
import { type DemoServer, groupConfig } from './group-config.ts';
import { observe } from './observer.ts';
import { freePorts } from './ports.ts';
import { Screen } from './screen.ts';

const cliMain = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/**
 * Three servers and a dozen cameras as processes of this machine, on loopback; resolves when the user quits.
 * Whatever ends this process, its children end with it. Rejects with an `AppError` when the cameras don't start.
 */
export async function runDemo(): Promise<void> {
  const quit = new AbortController();
  quitWhenTold(quit);
  const folder = await mkdtemp(join(tmpdir(), 'headwater-demo-'));
  const fleet = new Fleet({
    logFolder: folder,
    onExit: (name, how) => {
      if (!quit.signal.aborted) screen.happened(`process ${name} ended (${how})`);
    },
  });
  const killAll = (): void => fleet.killAllNow();
  process.once('exit', killAll);
  const servers = await demoServers();
  const screen = new Screen({ servers, fleet, clock: systemClock });
  try {
    const cameras = await startDemoCameras(fleet, quit.signal);
    const configFile = await writeConfig(folder, servers, cameras);
    for (const server of servers) startServer(fleet, server, configFile);
    screen.begin({ configFile, cameras: cameras.urls.map(({ name }) => name) });
    const act = (action: Action): void => perform(action, { fleet, servers, screen, configFile, quit });
    const stopListening = listen(act, (typed) => screen.happened(notUnderstood(typed)));
    await observe({
      servers: () => askInOrder(servers, fleet),
      clock: systemClock,
      signal: quit.signal,
      seen: screen.seen,
    });
    stopListening();
  } catch (error) {
    if (!quit.signal.aborted) throw error;
  } finally {
    screen.end();
    await fleet.close();
    process.off('exit', killAll);
    await rm(folder, { recursive: true, force: true });
  }
}

async function demoServers(): Promise<DemoServer[]> {
  const ports = await freePorts([8081, 8082, 8083]);
  return ports.map((port, index) => ({ name: `s${index + 1}`, port }));
}

async function writeConfig(folder: string, servers: readonly DemoServer[], cameras: Cameras): Promise<string> {
  const file = join(folder, 'headwater.conf');
  await writeFile(
    file,
    groupConfig({ servers, cameras: cameras.urls, key: 'demonstration-only', stateDir: join(folder, 'state') }),
  );
  return file;
}

function startServer(fleet: Fleet, server: DemoServer, configFile: string): void {
  fleet.start(server.name, [cliMain, 'run', configFile, '--name', server.name]);
}

/** Processes that run are asked before those that are frozen, which would only cost time. */
function askInOrder(servers: readonly DemoServer[], fleet: Fleet): DemoServer[] {
  return servers.filter((server) => fleet.state(server.name) === 'running');
}

interface Stage {
  readonly fleet: Fleet;
  readonly servers: readonly DemoServer[];
  readonly screen: Screen;
  readonly configFile: string;
  readonly quit: AbortController;
}

function perform(action: Action, stage: Stage): void {
  if (action.type === 'quit') {
    stage.quit.abort();
    return;
  }
  if (action.type === 'select') {
    stage.screen.select(action.index);
    return;
  }
  const server = stage.servers[action.index ?? stage.screen.selected];
  if (server === undefined) return;
  stage.screen.happened(`you: ${wordFor(action.type, server, stage)} ${server.name}`);
  if (action.type === 'kill') stage.fleet.kill(server.name);
  if (action.type === 'freeze') stage.fleet.toggleFreeze(server.name);
  if (action.type === 'drain') void toggleDrain(server, stage.screen);
  if (action.type === 'restart') void restart(server, stage);
}

/** Two keys go both ways. */
function wordFor(type: 'kill' | 'freeze' | 'drain' | 'restart', server: DemoServer, stage: Stage): string {
  if (type === 'kill') return 'kill -9';
  if (type === 'freeze' && stage.fleet.state(server.name) === 'frozen') return 'thaw';
  if (type === 'drain' && stage.screen.stateOf(server.name) === 'draining') return 'undrain';
  return type;
}

/** As an operator would: a running server leaves in order (SIGTERM) and is started again; a dead one is started. */
async function restart(server: DemoServer, stage: Stage): Promise<void> {
  await stage.fleet.leave(server.name);
  // The key may have been struck twice, and the user may have quit meanwhile.
  if (stage.quit.signal.aborted || stage.fleet.state(server.name) === 'running') return;
  startServer(stage.fleet, server, stage.configFile);
}

async function toggleDrain(server: DemoServer, screen: Screen): Promise<void> {
  const verb = screen.stateOf(server.name) === 'draining' ? 'undrain' : 'drain';
  try {
    await fetch(`http://127.0.0.1:${server.port}/api/v1/${verb}`, {
      method: 'POST',
      signal: AbortSignal.timeout(5000),
    });
  } catch {
    screen.happened(`${server.name} did not take the ${verb}: it does not answer`);
  }
}

/** The signals that end a program, and a terminal or pipe that is gone: nobody looks any more. */
function quitWhenTold(quit: AbortController): void {
  const onEnd = (): void => quit.abort();
  // Not `once`: Ctrl-C under npm comes twice, and the second would end this process before it has cleared up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onEnd);
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', onEnd);
}

/** Keys at a terminal, lines from a pipe. */
function listen(act: (action: Action) => void, unknown: (typed: string) => void): () => void {
  const onKey = (data: Buffer): void => {
    const keys = data.toString();
    // An arrow, a function key: one stroke, several characters.
    if (keys.startsWith('\u001b')) {
      unknown(keys);
      return;
    }
    // Keys that were struck fast arrive together.
    for (const key of keys) {
      const action = actionOfKey(key);
      if (action !== undefined) act(action);
      else unknown(key);
    }
  };
  if (process.stdin.isTTY) {
    process.stdin.setRawMode(true);
    process.stdin.on('data', onKey);
    return () => {
      process.stdin.setRawMode(false);
      process.stdin.off('data', onKey).pause();
    };
  }
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const action = actionOfLine(line);
    if (action !== undefined) act(action);
    else if (line.trim() !== '') unknown(line.trim());
  });
  return () => lines.close();
}
