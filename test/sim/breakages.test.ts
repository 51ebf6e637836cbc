import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import type { ServerName, StreamName } from '../../src/units/ids.ts';
import { broken, impatient, type Meddling, misreading, rereading } from './breakages.ts';
import { drawOptions, type WorldOptions } from './options.ts';
import { runWorld } from './run.ts';
import type { CreateCore } from './server/sim-process.ts';

/** A breakage that no world of so many shows is a promise that no checker holds. */
const mostWorlds = 40;

interface Breakage {
  readonly name: string;
  /** Any of these checkers must speak first. */
  readonly shownBy: readonly string[];
  /** What the worlds have in common, so that few of them suffice. */
  readonly where: Partial<WorldOptions>;
  readonly create: () => CreateCore | Promise<CreateCore>;
}

function meddled(meddling: Meddling): () => CreateCore {
  return () => broken(createClusterCore, meddling);
}

/** The core with other waits: its modules loaded anew beside the whole one, whose waits the checkers' bounds go by. */
function withBounds(changed: Record<string, number>): () => Promise<CreateCore> {
  return async () => {
    vi.resetModules();
    vi.doMock('../../src/cluster/step/bounds.ts', async (original) => {
      const { bounds } = await original<typeof import('../../src/cluster/step/bounds.ts')>();
      return { bounds: { ...bounds, ...changed } };
    });
    return (await import('../../src/cluster/cluster-core.ts')).createClusterCore;
  };
}

const longer = 1e9;

const breakages: readonly Breakage[] = [
  {
    name: 'a witness who reaches the server is not believed, nor who hears it',
    shownBy: ['healthy-stays', 'double-capture'],
    where: { servers: 4, faults: { firewall: 5000 }, partition: 'capture' },
    create: meddled({
      event: (event) => {
        if (event.type === 'witness-result') return [{ ...event, result: 'refused' }];
        return misreading((text) => text.replace(/"heard":\[.*?\]/g, '"heard":[]'))(event);
      },
    }),
  },
  {
    name: 'the first refusal ends the boot',
    shownBy: ['convergence'],
    where: { servers: 3, faults: {} },
    create: () => (options) => {
      let settled = false;
      const real = options.config;
      const rash: Meddling = {
        effect: (effect) => {
          if (effect.type === 'notice' && effect.notice.kind === 'settled') settled = true;
          return [effect];
        },
        event: (event) => {
          if (event.type !== 'poll-failed' || event.reason !== 'refused' || settled) return [event];
          const given = { type: 'config', config: impatient(1e-6)(real) } as const;
          return [event, given, { type: 'wake' }, { type: 'config', config: real }];
        },
      };
      return broken(createClusterCore, rash)(options);
    },
  },
  {
    name: 'a failback does not wait until the home is ready',
    shownBy: ['seamless', 'healthy-stays'],
    where: { servers: 3, breaks: 0, handovers: 100, faults: { kill: 8000 } },
    create: meddled({
      belief: (effect) => {
        if (effect.type !== 'start' || effect.from === undefined) return [];
        const { stream, attempt } = effect;
        const facts = [{ kind: 'frames' }, { kind: 'ready' }] as const;
        return facts.map((fact) => ({ type: 'capture', stream, attempt, fact }));
      },
    }),
  },
  {
    name: 'who only tries looks as if it had frames',
    shownBy: ['seamless', 'healthy-stays'],
    where: { servers: 3, breaks: 0, faults: { kill: 8000, drain: 10_000 } },
    create: meddled({ event: misreading((text) => text.replace(/"(taking|trying)"/g, '"capturing"')) }),
  },
  {
    name: 'who captures does not see that another does',
    shownBy: ['double-capture'],
    where: { servers: 4, faults: { partition: 10_000 }, partition: 'capture' },
    create: () => (options) => {
      const captured = new Set<string>();
      const blind: Meddling = {
        effect: (effect) => {
          if (effect.type === 'start') captured.add(effect.stream);
          if (effect.type === 'stop') captured.delete(effect.stream);
          return [effect];
        },
        event: rereading((state) => ({
          ...state,
          standings: state.standings.filter((standing) => !captured.has(standing.stream)),
        })),
      };
      return broken(createClusterCore, blind)(options);
    },
  },
  {
    name: 'servers are held for dead after a third of stale_timeout',
    shownBy: ['patience'],
    where: { servers: 3, faults: { cable: 4000, freeze: 8000 }, partition: 'capture' },
    create: meddled({ config: impatient(0.3) }),
  },
  {
    name: 'silent servers are held for alive three times too long',
    shownBy: ['takeover'],
    where: { servers: 3, faults: {}, cut: 'power', partition: 'capture' },
    create: meddled({ config: impatient(3) }),
  },
  {
    name: 'refusals prove nothing',
    shownBy: ['takeover'],
    where: { servers: 3, faults: {}, cut: 'kill', partition: 'capture' },
    create: meddled({
      event: (event) =>
        event.type === 'poll-failed' && event.reason === 'refused' ? [{ ...event, reason: 'unreachable' }] : [event],
    }),
  },
  {
    name: 'failure marks never expire',
    shownBy: ['convergence'],
    where: { servers: 3, faults: { 'cameras-cut': 8000 } },
    create: withBounds({ failureMark: longer }),
  },
  {
    name: 'a home takes everything back at once',
    shownBy: ['handover-limit'],
    where: { servers: 3, streams: 24, handovers: 1, breaks: 0, faults: { kill: 8000 } },
    create: meddled({ config: (config) => ({ ...config, handovers: 100 }) }),
  },
  {
    name: 'placement knows no bounds',
    shownBy: ['homes'],
    where: { servers: 4, streams: 30, weights: 'equal', faults: {} },
    create: async () => {
      vi.resetModules();
      vi.doMock('../../src/cluster/placement/placement.ts', async (original) => {
        const { Placement } = await original<typeof import('../../src/cluster/placement/placement.ts')>();
        class Unbounded extends Placement {
          readonly #names: readonly ServerName[];
          constructor(...args: ConstructorParameters<typeof Placement>) {
            super(...args);
            this.#names = args[0].map((server) => server.name);
          }
          override home(stream: StreamName): ServerName | undefined {
            const score = (server: ServerName): number => this.score(stream, server);
            return [...this.#names].sort((a, b) => score(b) - score(a))[0];
          }
        }
        return { Placement: Unbounded };
      });
      return (await import('../../src/cluster/cluster-core.ts')).createClusterCore;
    },
  },
  {
    name: 'a new life is taken for the old one',
    shownBy: ['double-capture', 'unattended', 'takeover', 'convergence', 'contract'],
    where: { servers: 3, faults: { kill: 6000, 'crash-loop': 10_000 } },
    create: meddled({ event: misreading((text) => text.replace(/"incarnation":\d+/g, '"incarnation":1')) }),
  },
  {
    name: 'a home that flaps is trusted as before',
    shownBy: ['failback-pace', 'no-flapping'],
    where: {
      servers: 3,
      failbackDelayMs: 1000,
      breaks: 0,
      faults: { 'crash-loop': 5000, kill: 5000 },
      faultsMs: 120_000,
    },
    create: withBounds({ lastFailbackDelay: 1, firstPenalty: 1, lastPenalty: 1, graceForReturning: 0 }),
  },
  {
    name: 'a request is now and then forgotten',
    shownBy: ['promptness'],
    where: { servers: 3, faults: {} },
    create: () => (options) => {
      let replies = 0;
      const forgetful: Meddling = {
        effect: (effect) => (effect.type === 'reply' && ++replies % 20 === 0 ? [] : [effect]),
      };
      return broken(createClusterCore, forgetful)(options);
    },
  },
  {
    name: 'viewers are not told of a new owner',
    shownBy: ['owners-told'],
    where: { servers: 3, faults: { kill: 8000 } },
    create: meddled({ effect: (effect) => (effect.type === 'owners-changed' ? [] : [effect]) }),
  },
  {
    name: 'a source that failed everywhere is never looked for again',
    shownBy: ['unattended'],
    where: { servers: 3, faults: { 'cameras-cut': 40_000 }, faultsMs: 300_000 },
    create: withBounds({ firstProbePause: longer, lastProbePause: longer }),
  },
  {
    name: 'a request is answered twice',
    shownBy: ['contract'],
    where: { servers: 3, faults: {} },
    create: meddled({ effect: (effect) => (effect.type === 'reply' ? [effect, effect] : [effect]) }),
  },
];

describe('the simulator shows when the core breaks a promise', () => {
  afterEach(() => {
    vi.doUnmock('../../src/cluster/step/bounds.ts');
    vi.doUnmock('../../src/cluster/placement/placement.ts');
    vi.resetModules();
  });

  test.each(breakages)('$name', { timeout: 60_000 }, async ({ create, where, shownBy }) => {
    const core = await create();
    for (let seed = 1; seed <= mostWorlds; seed++) {
      const { finding } = runWorld({ ...drawOptions(seed), ...where }, core);
      if (finding === undefined) continue;
      expect(shownBy).toContain(finding.checker);
      return;
    }
    expect.fail(`no world of ${mostWorlds} showed it`);
  });
});
