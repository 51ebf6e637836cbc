import { type FaultKind, spanMs } from './fault-kind.ts';

export const cameraFaults: readonly FaultKind[] = [
  {
    name: 'camera-dies',
    everyMs: [2000, 30_000],
    strike(world, random) {
      const alive = world.cameras().filter((camera) => camera.alive);
      if (alive.length === 0) return undefined;
      const camera = random.pick(alive);
      const answers = random.chance(0.5);
      camera.die(answers);
      const lastsMs = spanMs(random);
      const text = `camera ${camera.stream} dies ${answers ? 'and refuses' : 'silently'} for ${Math.round(lastsMs)} ms`;
      return { text, lastsMs, end: () => camera.revive() };
    },
  },
  {
    name: 'camera-cut',
    everyMs: [2000, 30_000],
    strike(world, random) {
      const camera = random.pick(world.cameras());
      const servers = random.some(world.members(), 0.3).map((server) => server.name);
      const mends = servers.map((server) => camera.cut(server));
      const end = (): void => {
        for (const mend of mends) mend();
      };
      const lastsMs = spanMs(random);
      return { text: `camera ${camera.stream} is out of reach of ${servers.join(', ')}`, lastsMs, end };
    },
  },
  {
    name: 'cameras-cut',
    everyMs: [8000, 60_000],
    strike(world, random) {
      const server = random.pick(world.members()).name;
      const mends = world.cameras().map((camera) => camera.cut(server));
      const end = (): void => {
        for (const mend of mends) mend();
      };
      return { text: `${server} reaches no camera`, lastsMs: spanMs(random), end };
    },
  },
  {
    name: 'camera-drops',
    everyMs: [1000, 20_000],
    strike(world, random) {
      const camera = random.pick(world.cameras());
      if (!camera.alive) return undefined;
      camera.die(true);
      camera.revive();
      return { text: `camera ${camera.stream} drops its connections`, lastsMs: 0, end: () => {} };
    },
  },
  {
    name: 'camera-slow',
    everyMs: [3000, 30_000],
    strike(world, random) {
      const camera = random.pick(world.cameras());
      camera.slowDown(random.logBetween(500, 20_000));
      const text = `camera ${camera.stream} takes ${Math.round(camera.extraFirstFrameMs)} ms longer to its first frame`;
      return { text, lastsMs: spanMs(random), end: () => camera.slowDown(0) };
    },
  },
];
