/**
 * How long a stream is without capture, and what is lost, by cause: a server is killed, freezes, is drained, and returns. Three real
 * servers, cameras in a process of their own whose log is the judge, a viewer at another server that reads the lists all the time.
 * `npm run bench -- takeover`
 */
import { systemClock } from '../src/adapters/clock.ts';
import { until } from '../test/e2e/harness.ts';
import { median, progress, type Report, runBench, type Settings, seconds } from './harness/bench.ts';
import { atMost, type Promised } from './harness/figure.ts';
import { BenchGroup, streamsAt } from './takeover/group.ts';
import { ListWatch } from './takeover/listed.ts';

const names = ['s1', 's2', 's3'];
const clips = ['gate', 'lobby', 'yard'];
const cameras = Array.from({ length: 6 }, (_, i) => `cam${i + 1}=${i % 2 === 0 ? 'rtsp' : 'http'}:${clips[i % 3]}`);
const framesPerSecond = 25;
/** Seconds. */
const staleTimeout = 3;
/** A takeover of silence, its first segment of two seconds, and a busy machine. */
const patience = seconds(30);

/** Of one stream, in seconds. */
interface Takeover {
  readonly connected: number;
  /** As the viewer's server tells it. */
  readonly frames: number;
  readonly listed: number;
  readonly lost: number;
}

async function measure({ quick }: Settings, report: Report): Promise<void> {
  const rounds = quick ? 1 : 2;
  await using group = await BenchGroup.start({ names, cameras, staleTimeout });
  await group.settled();
  await measureKills(group, rounds, report);
  if (quick) return;
  await measureFreezes(group, rounds, report);
  await measureDrains(group, rounds, report);
}

async function measureKills(group: BenchGroup, rounds: number, report: Report): Promise<void> {
  const takeovers: Takeover[] = [];
  const returned: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const victim = names[round % names.length] ?? '';
    progress(`kill -9 of ${victim}`);
    takeovers.push(...(await takeoversOf(group, victim, () => group.server(victim).signal('SIGKILL'))));
    const missing = await missingDuring(group, victim, async () => {
      group.startServer(victim);
      await group.settled();
    });
    returned.push(...missing);
  }
  tell('kill -9', takeovers, { connected: atMost(1) }, report);
  tellMissing('failback', returned, report);
}

async function measureFreezes(group: BenchGroup, rounds: number, report: Report): Promise<void> {
  const takeovers: Takeover[] = [];
  for (let round = 0; round < rounds; round++) {
    const victim = names[round % names.length] ?? '';
    progress(`SIGSTOP of ${victim}`);
    takeovers.push(...(await takeoversOf(group, victim, () => group.server(victim).signal('SIGSTOP'))));
    group.server(victim).signal('SIGCONT');
    await group.settled();
  }
  tell(`freeze, stale_timeout ${staleTimeout} s`, takeovers, { connected: atMost(staleTimeout + 1) }, report);
}

async function measureDrains(group: BenchGroup, rounds: number, report: Report): Promise<void> {
  const drained: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const victim = names[round % names.length] ?? '';
    progress(`drain of ${victim}`);
    const post = (verb: string): Promise<Response> =>
      fetch(`${group.server(victim).url}/api/v1/${verb}`, { method: 'POST' });
    drained.push(...(await missingDuring(group, victim, async () => void (await post('drain')))));
    await post('undrain');
    await group.settled();
  }
  tellMissing('drain', drained, report);
}

/** Each stream of the victim: from its end to the stand-in's connection, as the camera saw it, and to the first segment in a viewer's list. */
async function takeoversOf(group: BenchGroup, victim: string, strike: () => void): Promise<Takeover[]> {
  const streams = await group.streamsOf(victim);
  const witness = group.witness(victim);
  const watches = streams.map((stream) => new ListWatch(`${witness.url}/${stream}`));
  await Promise.all(watches.map((watch) => watch.more(2, patience)));
  const from = group.farm.lines.all.length;
  const struckMs = systemClock.wall() / 1000;
  strike();
  const takeovers = await Promise.all(
    streams.map(async (stream, i): Promise<Takeover> => {
      const playing = await group.farm.event(stream, 'play', from);
      await until(`${stream} to be captured elsewhere`, async () => {
        const state = (await streamsAt(witness)).find(({ name }) => name === stream);
        return state?.state === 'running' && state.capturedBy !== victim;
      });
      const framesMs = systemClock.wall() / 1000;
      const watch = watches[i];
      if (watch === undefined) throw new Error('no watch');
      const { segment, lostMs } = await watch.firstBehindHole(struckMs, patience);
      return {
        connected: (playing.atMs - struckMs) / 1000,
        frames: (framesMs - struckMs) / 1000,
        listed: (segment.seenMs - struckMs) / 1000,
        lost: lostMs / 1000,
      };
    }),
  );
  await Promise.all(watches.map((watch) => watch.close()));
  return takeovers;
}

/** Pictures that each stream of the server misses in a viewer's list over what is done meanwhile. */
async function missingDuring(group: BenchGroup, server: string, act: () => Promise<void>): Promise<number[]> {
  const streams = await group.streamsOf(server);
  const witness = group.witness(server);
  const watches = streams.map((stream) => new ListWatch(`${witness.url}/${stream}`));
  await Promise.all(watches.map((watch) => watch.more(2, patience)));
  await act();
  // The first segments of the successor.
  await Promise.all(watches.map((watch) => watch.more(2, patience)));
  const missing = await Promise.all(watches.map((watch) => watch.missingPictures(framesPerSecond)));
  await Promise.all(watches.map((watch) => watch.close()));
  return missing.map((one) => one.missing);
}

function tell(
  cause: string,
  takeovers: readonly Takeover[],
  promises: { readonly connected: Promised },
  report: Report,
): void {
  const part = (pick: (one: Takeover) => number): readonly number[] => takeovers.map(pick);
  const figures = [
    ['camera connected by the stand-in', part((one) => one.connected), promises.connected],
    ['first frames', part((one) => one.frames), undefined],
    ["first segment in a viewer's list", part((one) => one.listed), undefined],
    ['video lost', part((one) => one.lost), undefined],
  ] as const;
  for (const [what, values, promise] of figures) {
    report({
      figure: `${cause}: ${what}, longest`,
      value: Math.max(...values),
      unit: 's',
      ...(promise !== undefined && { promise }),
      note: `median ${median(values).toFixed(2)} s of ${values.length}`,
    });
  }
}

function tellMissing(cause: string, missing: readonly number[], report: Report): void {
  report({
    figure: `${cause}: frames lost, most`,
    value: Math.max(...missing),
    unit: 'frames',
    promise: atMost(0),
    note: `of ${missing.length} streams`,
  });
}

await runBench('takeover', measure);
