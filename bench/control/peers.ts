/**
 * `peers.ts CONFIG`: all servers of the file in one process. Takes commands as lines and answers each when it is done: `begin` (all streams
 * are captured), `home` (each where it belongs), `kill NAME` (what the server had is captured by others: `kill COUNT`), and
 * `churn PER-MINUTE` (from then on so many sources go silent). What they look at is what one of these servers sees.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/adapters/clock.ts';
import { configFiles } from '../../src/adapters/config-files.ts';
import type { StreamView } from '../../src/cluster/view.ts';
import { loadConfig } from '../../src/config/load.ts';
import { after, millis } from '../../src/units/time.ts';
import { SimulatedPeer } from './simulated-peer.ts';

/** Costs the witness a look at all streams; only while something is awaited. */
const lookEvery = millis(100);

const [, , configFile = ''] = process.argv;
const { config } = await loadConfig(configFile, configFiles);
if (config === undefined) throw new Error(`${configFile} is wrong`);
const peers = config.peers.map((self) => new SimulatedPeer(self, config, systemClock));
/** None of those that are killed. */
const witness = peers[1];
if (witness === undefined) throw new Error('a group of one');
const tell = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Resolves when the witness has seen each of these streams where it should be. */
function allSeen(streams: ReadonlySet<string>, isRight: (stream: StreamView) => boolean): Promise<void> {
  const missing = new Set(streams);
  return new Promise((resolve) => {
    const look = (): void => {
      for (const stream of witness?.streams() ?? []) {
        if (stream.state === 'running' && isRight(stream)) missing.delete(stream.name);
      }
      if (missing.size === 0) resolve();
      else systemClock.setTimer(after(systemClock.monotonic(), lookEvery), look);
    };
    look();
  });
}

function churn(perMinute: number): void {
  let next = 0;
  const every = millis(60_000 / perMinute);
  const lose = (): void => {
    for (let tried = 0; tried < peers.length; tried++) if (peers[next++ % peers.length]?.loseSource()) break;
    systemClock.setTimer(after(systemClock.monotonic(), every), lose);
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

async function obey(command: string, argument: string): Promise<string> {
  if (command === 'begin') {
    for (const peer of peers) peer.begin();
    await allSeen(all, () => true);
  } else if (command === 'home') await allSeen(all, ({ owner, home }) => owner === home);
  else if (command === 'churn') churn(Number(argument));
  else if (command === 'kill') return kill(argument);
  return '';
}

const all = new Set(config.streams.map(({ name }) => name));
for (const peer of peers) await peer.listen();
tell('listening');
createInterface(process.stdin).on('line', (line) => {
  const [command = '', argument = ''] = line.split(' ');
  void obey(command, argument).then((result) => tell(`${command} ${result}`));
});
