import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import type { Command } from 'commander';
import { systemClock } from '../../adapters/clock.ts';
import { configFiles } from '../../adapters/disk/config-files.ts';
import { createLog, type LogOptions } from '../../adapters/log.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import type { Config, PeerConfig } from '../../config/model/config.ts';
import { findSelf, type SelfFacts } from '../../config/self.ts';
import { Server } from '../../server/server.ts';
import { AppError } from '../../units/app-error.ts';
import type { Log } from '../../units/log.ts';
import { millis } from '../../units/time.ts';
import type { Console } from '../terminal/console.ts';
import { loadForCommand } from '../terminal/load-for-command.ts';
import { Signals } from '../terminal/signals.ts';
import { version } from '../terminal/version.ts';

/** A name that does not resolve in that time is not this machine's. */
const resolveWithin = millis(2_000);

/**
 * Above all that leaving may take by the group's own bounds: ten minutes for the streams, then the wait for the last viewers and
 * the goodbye. Only a fault of the program reaches it.
 */
const leaveWithin = millis(900_000);

/** `headwater run FILE [--name HOST]`: one server of the group, until a signal ends it. */
export function registerRun(program: Command, console: Console): void {
  program
    .command('run')
    .description('run this server of the group that the configuration describes')
    .argument('<file>', 'the configuration, the same on every server')
    .option('--name <host>', 'which of its peers this server is, when its host name does not tell')
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .action(async (file: string, options: { readonly name?: string; readonly logLevel: string }) => {
      const level = (['error', 'warn', 'info', 'debug'] as const).find((known) => known === options.logLevel);
      const signals = new Signals();
      const loaded = level === undefined ? undefined : await loadForCommand(file, configFiles, console);
      if (level === undefined) fail(console, `there is no log level ${options.logLevel}`, 'error, warn, info or debug');
      else if (loaded !== undefined) await runAs(file, loaded, { name: options.name, level, signals, console });
    });
}

async function runAs(
  file: string,
  loaded: LoadedConfig & { readonly config: Config },
  options: {
    readonly name: string | undefined;
    readonly level: LogOptions['level'];
    readonly signals: Signals;
    readonly console: Console;
  },
): Promise<void> {
  const self = findSelf(loaded.config, await selfFacts(loaded.config, options.name));
  if (!self.found) {
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
  try {
    const server = await open(file, { loaded, self: self.peer, log, logging, die });
    log.info('this server runs', { version, streams: loaded.config.streams.length });
    await untilSignalled(server, options.signals, log);
    // What still waits in a timer has nothing left to do.
    process.exit(0);
  } catch (error) {
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
    readonly die: (error: unknown) => void;
  },
): Promise<Server> {
  const { loaded, self, log, logging, die } = of;
  return Server.open({
    config: loaded.config,
    diagnostics: loaded.diagnostics,
    self,
    load: () => loadConfig(file, configFiles),
    version,
    clock: systemClock,
    log,
    workerLog: logging,
    onFatal: die,
  });
}

/** SIGHUP reloads; SIGTERM and SIGINT drain and leave, a second one (or a drain that takes too long) leaves at once. */
async function untilSignalled(server: Server, signals: Signals, log: Log): Promise<void> {
  signals.onReload(() => void server.reload());
  await signals.end();
  log.info('drains and leaves; a second signal ends it at once');
  const waiting = new AbortController();
  const tooLong = systemClock.sleep(leaveWithin, waiting.signal).catch(() => undefined);
  await Promise.race([server.leave(), signals.end(), tooLong]);
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

function fail(console: Console, message: string, hint: string): void {
  console.complain(`headwater: ${message}\nhint: ${hint}\n`);
  console.exit(1);
}
