import type { KeptEnd, KeptEnds } from '../../events/ends/kept-ends.ts';
import { endsAtOthers } from '../../events/ends/last-known.ts';
import type { StreamName } from '../../units/ids.ts';
import { type Millis, millis } from '../../units/time.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** As old may be what a killed group knows of its end; a write takes milliseconds. */
const ownEvery = millis(2_000);

/** They are asked for when all were down and the last owner is missing: it tells then who that was. Thousands of streams are not to be written often. */
const othersEvery = millis(60_000);

/** Less than a segment lasts: what a dead server published unreported could not be fetched in time either (`lastServedEnd`). */
const reportEvery = millis(1_000);

/** Keeps where the timelines end for those who ask when this server is gone: on its disk, and with two peers. Ends with the signal. */
export async function upkeepOfEnds(ground: Ground, parts: Parts, signal: AbortSignal): Promise<void> {
  const { clock } = ground.options;
  const again = async (every: Millis, work: () => Promise<void>): Promise<void> => {
    for (;;) {
      await clock.sleep(every, signal);
      await work();
    }
  };
  await Promise.all([
    again(ownEvery, () => keep(ground, ground.keptEnds.own, ownEnds(ground, parts))),
    again(othersEvery, () => {
      ground.reportedEnds.forget();
      return keep(ground, ground.keptEnds.others, othersEnds(ground, parts));
    }),
    again(reportEvery, () => parts.ends.report(parts.chronicle.timelines.takeNews())),
  ]);
}

/** The last word, when the server closes. Never rejects. */
export async function keepLastEnds(ground: Ground, parts: Parts): Promise<void> {
  await keep(ground, ground.keptEnds.own, ownEnds(ground, parts));
  await keep(ground, ground.keptEnds.others, othersEnds(ground, parts));
}

async function keep(
  { config, warnQuietly }: Ground,
  kept: KeptEnds,
  now: ReadonlyMap<StreamName, KeptEnd>,
): Promise<void> {
  await kept
    .keep(now, (stream) => config.stream(stream) !== undefined)
    .catch((error: unknown) => warnQuietly('the ends of timelines can not be kept', { error: String(error) }));
}

/** Where the timelines end that this server publishes. */
function ownEnds({ options }: Ground, { chronicle }: Parts): Map<StreamName, KeptEnd> {
  const server = options.self.name;
  return new Map(Array.from(chronicle.timelines.allEnds(), ([stream, end]) => [stream, { server, end }]));
}

/** Where those of the others end now, as far as this server hears. */
function othersEnds({ options }: Ground, { group, media }: Parts): Map<StreamName, KeptEnd> {
  const { self, clock } = options;
  return endsAtOthers({
    self: self.name,
    streams: group.core.streams(),
    servers: group.core.servers(clock.monotonic()),
    utcAt: (at) => media.clocks.utcAt(at),
  });
}
