import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import { type Command, Option } from 'commander';
import { systemClock } from '../../adapters/clock.ts';
import { configFiles } from '../../adapters/disk/config-files.ts';
import { createLog, type LogOptions } from '../../adapters/log.ts';
import { stdinEnd } from '../../adapters/stdin-end.ts';
import { type LoadedConfig, loadConfig } from '../../config/loading/load.ts';
import type { Config, PeerConfig } from '../../config/model/config.ts';
import { fillName } from '../../config/model/fill-name.ts';
import { findSelf, type SelfFacts } from '../../config/running/self.ts';
import { Server } from '../../server/server.ts';
import { AppError } from '../../units/app-error.ts';
import type { Log } from '../../units/log.ts';
import { millis } from '../../units/time.ts';
import type { Console } from '../terminal/console.ts';
import { loadForCommand } from '../terminal/load-for-command.ts';
import { Signals } from '../terminal/signals.ts';
import { StartGuard } from '../terminal/start-guard.ts';
import { StartLimit } from '../terminal/start-limit.ts';
import { version } from '../terminal/version.ts';

/** A name that does not resolve in that time is not this machine's. */
const resolveWithin = millis(2_000);

/**
 * Above all that leaving may take by the group's own bounds: ten minutes for the streams, then the wait for the last viewers and
 * the goodbye. Only a fault of the program reaches it.
 */
const leaveWithin = millis(900_000);

const logLevels: readonly LogOptions['level'][] = ['error', 'warn', 'info', 'debug'];

/** Reading the journal of a month takes a slow disk seconds; a disk that hangs takes for ever. */
const startWithin = millis(60_000);

/** A parent that this process does not depend on. */
const never = new Promise<void>(() => {});

interface RunOptions {
  readonly name?: string;
  readonly logLevel: LogOptions['level'];
  readonly untilStdinEnds?: boolean;
}

/** What ends a server. */
interface Ends {
  readonly signals: Signals;
  readonly guard: StartGuard;
  /** Resolves when the program that started this one is gone. */
  readonly parentGone: Promise<void>;
}

const about = `
Without --name it is the peer that HEADWATER_NAME names, else the one with the host name of this machine, else the one whose
address is local. SIGHUP reads FILE again. SIGTERM gives the streams away and leaves, a second one ends it at once.`;

/** `headwater run FILE [--name HOST]`: one server of the group, until a signal ends it. */
export function registerRun(program: Command, console: Console): void {
  program
    .command('run')
    .description('run this server of the group that the configuration describes')
    .argument('<file>', 'the configuration, the same on every server')
    .option('--name <host>', 'which of its peers this server is')
    .addOption(new Option('--log-level <level>', 'how much it tells').choices(logLevels).default('info'))
    .option('--until-stdin-ends', 'end at once when standard input does: not to outlive the program that started it')
    .addHelpText('after', about)
    .action(async (file: string, { name, logLevel, untilStdinEnds }: RunOptions) => {
      const signals = new Signals();
      const guard = new StartGuard(signals, systemClock, () => endBy('SIGTERM'));
      const ends = { signals, guard, parentGone: untilStdinEnds ? stdinEnd() : never };
      const loaded = await loadForCommand(file, configFiles, console);
      if (loaded === undefined) guard.started();
      else await runAs(file, loaded, { name, level: logLevel, ends, console });
    });
}

async function runAs(
  file: string,
  loaded: LoadedConfig & { readonly config: Config },
  options: {
    readonly name: string | undefined;
    readonly level: LogOptions['level'];
    readonly ends: Ends;
    readonly console: Console;
  },
): Promise<void> {
  const self = findSelf(loaded.config, await selfFacts(loaded.config, options.name));
  const { guard } = options.ends;
  if (!self.found) {
    guard.started();
    fail(options.console, self.message, self.hint);
    return;
  }
  const logging = { level: options.level, readable: process.stderr.isTTY === true };
  const log = createLog(logging).child({ server: self.peer.name });
  const die = (error: unknown): void => {
    log.error('this server ends by a fault of the program', { error: error instanceof Error ? error.stack : error });
    process.exit(2);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  for (const { file: place, line, column, message } of loaded.diagnostics)
    log.warn('configuration', { file: place, line, column, message });
  const limit = new StartLimit('its state_dir', {
    clock: systemClock,
    limit: startWithin,
    overdue: (waitsFor) => {
      const stateDir = fillName(loaded.config.stateDir, self.peer.name);
      log.error('this server has not started: it is ended', { waitsFor, stateDir, waitedMs: startWithin });
      // Nobody asked for it: what starts servers again must not take this for an orderly end.
      endBy('SIGKILL');
    },
  });
  try {
    const server = await open(file, { loaded, self: self.peer, log, logging, limit, die });
    limit.over();
    guard.started();
    log.info('this server runs', { version, streams: loaded.config.streams.length, url: self.peer.publicUrl });
    await untilEnded(server, options.ends, log);
    // What still waits in a timer has nothing left to do.
    process.exit(0);
  } catch (error) {
    limit.over();
    guard.started();
    if (!(error instanceof AppError)) throw error;
    log.error(error.message, { code: error.code });
    options.console.exit(2);
  }
}

function open(
  file: string,
  of: {
    readonly loaded: LoadedConfig & { readonly config: Config };
    readonly self: PeerConfig;
    readonly log: Log;
    readonly logging: LogOptions;
    readonly limit: StartLimit;
    readonly die: (error: unknown) => void;
  },
): Promise<Server> {
  const { loaded, self, log, logging, limit, die } = of;
  return Server.open({
    config: loaded.config,
    diagnostics: loaded.diagnostics,
    self,
    load: () => loadConfig(file, configFiles),
    version,
    clock: systemClock,
    log,
    workerLog: logging,
    begins: limit.begins,
    onFatal: die,
  });
}

/** SIGHUP reloads; SIGTERM and SIGINT drain and leave; a second one, a drain that takes too long and an orphan's fate end it at once. */
async function untilEnded(server: Server, { signals, guard, parentGone }: Ends, log: Log): Promise<void> {
  signals.onReload(() => void server.reload());
  await Promise.race([
    guard.asked.then(() => log.info('drains and leaves; a second signal ends it at once')),
    parentGone.then(() => log.info('ends at once: the program that started it is gone')),
  ]);
  const waiting = new AbortController();
  const tooLong = systemClock.sleep(leaveWithin, waiting.signal).catch(() => undefined);
  await Promise.race([parentGone, server.leave(), guard.askedAgain, tooLong]);
  waiting.abort();
  await server.close();
  log.info('has left');
}

/** Names are resolved only where nothing simpler tells who this is. */
async function selfFacts(config: Config, name: string | undefined): Promise<SelfFacts> {
  const facts = {
    name,
    environmentName: process.env.HEADWATER_NAME,
    hostname: hostname(),
    localAddresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  };
  if (findSelf(config, facts).found || name !== undefined) return facts;
  const resolved = await Promise.all(config.peers.map(async ({ host }) => [host, await resolve(host)] as const));
  return { ...facts, resolved: new Map(resolved) };
}

async function resolve(host: string): Promise<readonly string[]> {
  const waiting = new AbortController();
  const tooLong = systemClock.sleep(resolveWithin, waiting.signal).then(
    () => [],
    () => [],
  );
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  const addresses = await Promise.race([found, tooLong]);
  waiting.abort();
  return addresses;
}

/** By the kernel: an orderly exit would wait for the thread that waits for the disk. */
function endBy(signal: 'SIGTERM' | 'SIGKILL'): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function fail(console: Console, message: string, hint: string): void {
  console.complain(`headwater: ${message}\nhint: ${hint}\n`);
  console.exit(1);
}
