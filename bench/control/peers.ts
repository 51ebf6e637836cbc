/**
 * `peers.ts CONFIG SLOWNESS`: all servers of the file in one process, on a clock that is slowed so many times. Takes commands as lines and
 * answers each when it is done, with the seconds of that clock: `begin` (they begin without streams; until they see each other alive), `place` (they read the streams; each is captured at home),
 * `home` (each is captured at home), `kill NAME` (what it had is captured by others: `kill SECONDS COUNT`), `real-time` (the
 * clock is slowed no more), `churn PER-MINUTE` (from then on so many sources go silent). What is looked at is what one of these servers sees.
 */
import { createInterface } from 'node:readline';
import { configFiles } from '../../src/adapters/disk/config-files.ts';
import type { StreamView } from '../../src/cluster/step/view.ts';
import { loadConfig } from '../../src/config/loading/load.ts';
import { after, between, millis } from '../../src/units/time.ts';
import { SimulatedPeer } from './simulated-peer.ts';
import { SlowedClock } from './slowed-clock.ts';

/** Costs the witness a look at all streams; only while something is awaited. */
const lookEvery = millis(100);

const [, , configFile = '', slowness = '1'] = process.argv;
const clock = new SlowedClock();
clock.slow(Number(slowness));
const { config } = await loadConfig(configFile, configFiles);
if (config === undefined) throw new Error(`${configFile} is wrong`);
const full = config;
const peers = full.peers.map((self) => new SimulatedPeer(self, { ...full, streams: [] }, clock));
/** None of those that are killed. */
const witness = peers[1];
if (witness === undefined) throw new Error('a group of one');
const tell = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Resolves when the witness sees that it is so. */
function seen(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isSo()) resolve();
      else clock.setTimer(after(clock.monotonic(), lookEvery), look);
    };
    look();
  });
}

/** Resolves when the witness has seen each of these streams where it should be, at one moment or another. */
function allSeen(streams: ReadonlySet<string>, isRight: (stream: StreamView) => boolean): Promise<void> {
  const missing = new Set(streams);
  return seen(() => {
    for (const stream of witness?.streams() ?? []) {
      if (stream.state === 'running' && isRight(stream)) missing.delete(stream.name);
    }
    return missing.size === 0;
  });
}

const all = new Set<string>(full.streams.map(({ name }) => name));

async function begin(): Promise<void> {
  for (const peer of peers) peer.begin();
  await seen(() => peers.every((peer) => peer.alive === peers.length));
}

function churn(perMinute: number): void {
  let next = 0;
  const every = millis(60_000 / perMinute);
  const lose = (): void => {
    for (let tried = 0; tried < peers.length; tried++) if (peers[next++ % peers.length]?.loseSource()) break;
    clock.setTimer(after(clock.monotonic(), every), lose);
  };
  lose();
}

async function kill(name: string): Promise<string> {
  const at = peers.findIndex((peer) => peer.self.name === name);
  const [victim] = peers.splice(at, 1);
  const held = new Set(witness?.streams().flatMap((stream) => (stream.owner === name ? [stream.name] : [])));
  await victim?.kill();
  await allSeen(held, ({ owner }) => owner !== name);
  return String(held.size);
}

/** What is to be answered beside the time it took. */
async function obey(command: string, argument: string): Promise<string> {
  if (command === 'kill') return kill(argument);
  if (command === 'real-time') clock.slow(1);
  if (command === 'churn') churn(Number(argument));
  if (command === 'begin') await begin();
  if (command === 'place') for (const peer of peers) peer.reconfigure(full);
  if (command === 'place' || command === 'home') await allSeen(all, ({ owner, home }) => owner === home);
  return '';
}

for (const peer of peers) await peer.listen();
tell('listening');
createInterface(process.stdin).on('line', (line) => {
  const [command = '', argument = ''] = line.split(' ');
  const began = clock.monotonic();
  void obey(command, argument).then((result) => {
    tell(`${command} ${between(began, clock.monotonic()) / 1000} ${result}`);
  });
});
