import { serverName, streamName } from '../../src/units/ids.ts';
import { Camera } from '../sim/media/camera.ts';
import { MediaSide } from '../sim/media/media-side.ts';
import { Random } from '../sim/random.ts';
import { Schedule } from '../sim/schedule.ts';
import { type MediaRig, mediaContract } from './media-contract.ts';

mediaContract('simulated', makeRig);

const host = serverName('a');
const cam = streamName('cam');

function makeRig(sourceTimeoutMs: number): Promise<MediaRig> {
  const schedule = new Schedule();
  const facts: MediaRig['facts'][number][] = [];
  const camera: Camera = new Camera(
    schedule,
    { stream: cam, limit: 1, whenFull: 'refuse', firstFrameMs: [0, 300], holdMs: 2_000 },
    () => media.refresh(),
  );
  const replaceMs = 6_100;
  const media: MediaSide = new MediaSide({
    host,
    schedule,
    random: new Random('contract'),
    media: { connectMs: [5, 50], adoptMs: [50, 4_000], closeMs: [1, 20], replaceMs },
    camera: () => camera,
    running: () => true,
    adoptable: () => false,
    fact: (_, { kind }) => facts.push({ at: schedule.now, kind }),
    flow: () => undefined,
  });
  const hang = (ms: number): void => {
    for (const worker of [0, 1]) media.hang(worker, ms);
  };
  let mendWay = (): void => undefined;
  const pass = (ms: number): Promise<void> => Promise.resolve(schedule.run(schedule.now + ms));
  return Promise.resolve({
    facts,
    start: () => media.start({ stream: cam, attempt: 1, from: undefined, sourceTimeoutMs }),
    stop: () => media.stop(cam),
    refuse: () => camera.die(true),
    silence: () => {
      mendWay = camera.cut(host);
    },
    mend: () => {
      mendWay();
      if (!camera.alive) camera.revive();
    },
    hang: () => hang(replaceMs),
    keepDying: async (ms) => {
      for (let passed = 0; passed < ms; passed += 500) {
        hang(100);
        await pass(500);
      }
    },
    pass,
  });
}
