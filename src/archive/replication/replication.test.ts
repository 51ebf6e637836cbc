import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, runOf } from '../../../test/support/archived-runs.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { indexOf, nodeSha256 } from '../../../test/support/run-index.ts';
import { type ServerName, serverName, streamName } from '../../units/ids.ts';
import { instant } from '../../units/time.ts';
import { CopyCheck, offeredIndex } from './copy-check.ts';
import { Partings, type Standing, vouches } from './parting.ts';
import { type HomeState, type Offer, planReturn } from './plan-return.ts';
import { type SealedRun, sealedRun } from './sealed-run.ts';

const cam = streamName('cam01');
const [s1, s2, s3] = [serverName('s01'), serverName('s02'), serverName('s03')];

function sealed(from: number, to: number, more: Partial<SealedRun> = {}): SealedRun {
  const run = runOf('s02', from, to);
  return { stream: cam, name: run, start: run.start, end: run.end, bytes: run.bytes, digest: `of ${from}`, ...more };
}

describe('the way home', () => {
  const nothing = (): undefined => undefined;
  function plan(offers: readonly Offer[], state: Partial<HomeState> = {}): string[] {
    const intents = planReturn({
      offers,
      kept: nothing,
      watermark: nothing,
      oldest: nothing,
      fetching: [],
      isResting: () => false,
      freeBytes: 1_000_000,
      mostFetches: 2,
      ...state,
    });
    return intents.map((intent) => {
      const { holder, run } = intent.offer;
      return `${intent.kind}${'reason' in intent ? ` ${intent.reason}` : ''} ${(run.start - at(0)) / 90_000} ${holder}`;
    });
  }
  const offer = (from: number, holder = s2, more: Partial<SealedRun> = {}): Offer => ({
    holder,
    run: sealed(from, from + 100, more),
  });

  test('fetches the oldest first, so many at once, and each from one server', () => {
    expect(plan([offer(300), offer(100, s3), offer(100), offer(200)])).toEqual([
      'fetch 100 s02',
      'wait turn 100 s03',
      'fetch 200 s02',
      'wait turn 300 s02',
    ]);
    expect(plan([offer(100), offer(200)], { fetching: [offer(100)], mostFetches: 1 })).toEqual([
      'wait turn 100 s02',
      'wait turn 200 s02',
    ]);
  });

  test('goes to another who has it when one failed', () => {
    const isResting = ({ holder }: Offer): boolean => holder === s2;
    expect(plan([offer(100), offer(100, s3)], { isResting })).toEqual(['wait failed 100 s02', 'fetch 100 s03']);
  });

  test('fetches what fits, and nothing where the disk is away', () => {
    const big = offer(100, s2, { bytes: 600_000 });
    expect(plan([big, offer(200, s2, { bytes: 600_000 }), offer(300)])).toEqual([
      'fetch 100 s02',
      'wait space 200 s02',
      'fetch 300 s02',
    ]);
    expect(plan([offer(100)], { freeBytes: undefined })).toEqual(['wait space 100 s02']);
  });

  test('claims what it has, to everybody who has it too; another recording of that name is a conflict', () => {
    const kept: HomeState['kept'] = (_stream, name) => {
      if (name.startMs === at(300) / 90) return 'open';
      return sealed((name.startMs * 90 - at(0)) / 90_000, 0, { bytes: 100_000 });
    };
    expect(plan([offer(100), offer(100, s3), offer(200, s2, { digest: 'other' }), offer(300)], { kept })).toEqual([
      'claim 100 s02',
      'claim 100 s03',
      'decline conflict 200 s02',
      'decline conflict 300 s02',
    ]);
  });

  test('leaves what retention took, or would take at once', () => {
    expect(plan([offer(100), offer(200)], { watermark: () => at(200) })).toEqual([
      'decline retention 100 s02',
      'fetch 200 s02',
    ]);
    expect(plan([offer(100), offer(200)], { oldest: () => at(250) })).toEqual([
      'decline retention 100 s02',
      'fetch 200 s02',
    ]);
  });
});

describe('parting', () => {
  const run = sealed(0, 100);
  const standing: Standing = { self: s2, home: () => s1, agreesWith: () => true, held: () => run };
  const now = instant(0);

  test('takes the home’s claim, a question, and its answer', () => {
    const partings = new Partings();
    expect(partings.confirmed(1, true, standing, now)).toBeUndefined();
    expect(partings.claimed(run, s1, standing, now)).toEqual({ kind: 'ask', question: 1 });
    expect(partings.claimed(run, s1, standing, now)).toEqual({ kind: 'asked' });
    expect(partings.isGoing(cam, run.name)).toBe(false);
    expect(partings.confirmed(1, true, standing, now)).toBe(run);
    expect(partings.isGoing(cam, run.name)).toBe(true);
    partings.erased(run);
    expect(partings.isGoing(cam, run.name)).toBe(false);
  });

  test.each<[string, Partial<Standing>, string]>([
    ['from another than the home', { home: () => s3 }, 'not-its-home'],
    ['of a stream that is not configured', { home: () => undefined }, 'not-its-home'],
    ['of one’s own stream', { home: () => s2 }, 'own-stream'],
    ['under another configuration', { agreesWith: () => false }, 'configurations-differ'],
    ['of what is not here', { held: () => undefined }, 'not-held'],
    ['of what is recorded', { held: () => 'open' }, 'open'],
    ['of another length', { held: () => ({ ...run, bytes: 1 }) }, 'other-recording'],
    ['of other bytes', { held: () => ({ ...run, digest: 'other' }) }, 'other-recording'],
  ])('a claim %s changes nothing, and takes the worth from an answer', (_name, change, reason) => {
    const partings = new Partings();
    expect(partings.claimed(run, s1, { ...standing, ...change }, now)).toEqual({ kind: 'stays', reason });
    partings.claimed(run, s1, standing, now);
    expect(partings.confirmed(1, true, { ...standing, ...change }, now)).toBeUndefined();
  });

  test('an answer that says no, comes late, or is to a question from before a reload counts for nothing', () => {
    const asked = (): Partings => {
      const partings = new Partings();
      partings.claimed(run, s1, standing, now);
      return partings;
    };
    expect(asked().confirmed(1, false, standing, now)).toBeUndefined();
    expect(asked().confirmed(1, true, standing, instant(10_001))).toBeUndefined();
    const reconfigured = asked();
    reconfigured.reconfigured();
    reconfigured.claimed(run, s1, standing, now);
    expect(reconfigured.confirmed(1, true, standing, now)).toBeUndefined();
    expect(reconfigured.confirmed(2, true, standing, now)).toBe(run);
  });

  test('whatever is delayed, repeated, lost, reloaded or killed, in whatever order: never is the last copy erased', () => {
    const seen = new Set<string>();
    let [paths, erasures]: [readonly (readonly Action[])[], number] = [[[]], 0];
    while (paths.length > 0) {
      const next: (readonly Action[])[] = [];
      for (const path of paths) {
        for (const action of Pair.after(run, path).possible) {
          const longer = [...path, action];
          const pair = Pair.after(run, longer);
          expect(pair.copies, `copies after ${JSON.stringify(longer)}`).toBeGreaterThan(0);
          if (seen.has(pair.key)) continue;
          seen.add(pair.key);
          next.push(longer);
          if (action.kind === 'erase') erasures += 1;
        }
      }
      paths = next;
    }
    expect(erasures).toBeGreaterThan(20);
  });
});

type Action =
  | { readonly kind: 'reload' | 'learn' | 'fetch' | 'claim' | 'erase' | 'die'; readonly server: number }
  /** Now, of all that was ever sent: so it is late, or comes again. What is not delivered is lost. */
  | { readonly kind: 'deliver'; readonly message: string };

interface Node {
  has: boolean;
  home: number;
  /** What it believes of the other. */
  otherHome: number;
  partings: Partings;
  question: number | undefined;
}

/** Two servers and one run, with all that can happen to them; time stands still, so that no answer is ever too late. */
class Pair {
  readonly #run: SealedRun;
  readonly #names = [s1, s2];
  readonly #nodes: Node[];
  readonly #messages = new Set<string>();

  private constructor(run: SealedRun) {
    this.#run = run;
    this.#nodes = [false, true].map((has) => ({
      has,
      home: 0,
      otherHome: 0,
      partings: new Partings(),
      question: undefined,
    }));
  }

  static after(run: SealedRun, actions: readonly Action[]): Pair {
    const pair = new Pair(run);
    for (const action of actions) pair.#act(action);
    return pair;
  }

  get copies(): number {
    return this.#nodes.filter(({ has }) => has).length;
  }

  /** Equal for pairs to which the same can happen. */
  get key(): string {
    const nodes = this.#nodes.map(({ has, home, otherHome, partings, question }) => {
      return [has, home, otherHome, question !== undefined, partings.isGoing(cam, this.#run.name)].map(Number).join('');
    });
    return [...nodes, ...[...this.#messages].sort()].join(' ');
  }

  get possible(): Action[] {
    const ofServers = this.#nodes.flatMap((node, server): Action[] => {
      const other = this.#node(1 - server);
      const isHome = node.home === server;
      const going = node.partings.isGoing(cam, this.#run.name);
      const kinds = [
        'reload' as const,
        ...(node.otherHome !== other.home ? ['learn' as const] : []),
        ...(isHome && other.has && !node.has ? ['fetch' as const] : []),
        ...(isHome && node.has ? ['claim' as const] : []),
        ...(node.question !== undefined || going ? ['die' as const] : []),
        ...(going ? ['erase' as const] : []),
      ];
      return kinds.map((kind) => ({ kind, server }));
    });
    return [...ofServers, ...[...this.#messages].map((message): Action => ({ kind: 'deliver', message }))];
  }

  #act(action: Action): void {
    if (action.kind === 'deliver') this.#receive(action.message);
    else this.#serverActs(action.kind, action.server);
  }

  #serverActs(kind: Exclude<Action['kind'], 'deliver'>, server: number): void {
    const node = this.#node(server);
    switch (kind) {
      case 'reload':
        node.home = 1 - node.home;
        node.partings.reconfigured();
        break;
      case 'learn':
        node.otherHome = this.#node(1 - server).home;
        break;
      case 'fetch':
        node.has = true;
        break;
      case 'claim':
        this.#messages.add(`${1 - server} claim`);
        break;
      case 'erase':
        node.has = false;
        node.partings.erased(this.#run);
        break;
      case 'die':
        node.partings = new Partings();
        this.#forget(server);
        break;
    }
  }

  /** What is said about a question that nobody has any more changes nothing. */
  #forget(server: number): void {
    this.#node(server).question = undefined;
    for (const message of [`${1 - server} ask`, `${server} keeps`, `${server} does not`])
      this.#messages.delete(message);
  }

  #receive(message: string): void {
    const [to, kind] = [Number(message[0]), message.slice(2)];
    const node = this.#node(to);
    const { partings } = node;
    const [from, standing] = [this.#name(1 - to), this.#standing(to)];
    if (kind === 'claim') {
      const answer = partings.claimed(this.#run, from, standing, instant(0));
      if (answer.kind !== 'ask') return;
      this.#forget(to);
      node.question = answer.question;
      this.#messages.add(`${1 - to} ask`);
    } else if (kind === 'ask') {
      const isGoing = partings.isGoing.bind(partings);
      const answer = vouches(this.#run, from, standing, isGoing) ? 'keeps' : 'does not';
      this.#messages.add(`${1 - to} ${answer}`);
    } else {
      partings.confirmed(node.question ?? 0, kind === 'keeps', standing, instant(0));
      this.#forget(to);
    }
  }

  #standing(i: number): Standing {
    const { home, otherHome, has } = this.#node(i);
    return {
      self: this.#name(i),
      home: () => this.#name(home),
      agreesWith: () => otherHome === home,
      held: () => (has ? this.#run : undefined),
    };
  }

  #node(i: number): Node {
    const node = this.#nodes[i];
    if (node === undefined) throw new RangeError(`there is no server ${i}`);
    return node;
  }

  #name(i: number): ServerName {
    return this.#names[i] ?? s1;
  }
}

describe('a copy', () => {
  const made = recordedRun({ fragments: 9, server: 's02' });
  const index = indexOf(made.index);
  if (index.closing === undefined) throw new Error('it is ended');
  const run = sealedRun(made.stream, made.run, index.closing);

  test('is begun with the index of that very run', () => {
    expect(offeredIndex(made.index, run, nodeSha256)?.count).toBe(9);
    expect(offeredIndex(made.index.subarray(0, -1), run, nodeSha256)).toBeUndefined();
    expect(offeredIndex(made.index, { ...run, digest: '0'.repeat(64) }, nodeSha256)).toBeUndefined();
    expect(offeredIndex(made.index, { ...run, bytes: run.bytes + 1 }, nodeSha256)).toBeUndefined();
    expect(offeredIndex(made.index, { ...run, name: { ...run.name, server: s3 } }, nodeSha256)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(made.index.length - 1), fc.integer({ min: 1, max: 255 }), (i, change) => {
        const altered = made.index.slice();
        altered[i] = (altered[i] ?? 0) ^ change;
        expect(offeredIndex(altered, run, nodeSha256)).toBeUndefined();
      }),
    );
  });

  test('in pieces of any length is found right, and complete at its end only', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(made.media.length), { maxLength: 12 }), (cuts) => {
        const check = new CopyCheck(index, crc32);
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), made.media.length]) {
          expect(check.isComplete).toBe(from === made.media.length);
          expect(check.add(made.media.subarray(from, to))).toBe(true);
          expect(check.position).toBe(to);
          expect(check.solid).toBeLessThanOrEqual(to);
          from = to;
        }
        expect(check.isComplete).toBe(true);
        expect(check.add(Uint8Array.of(0))).toBe(false);
      }),
    );
  });

  test('with a wrong byte anywhere goes on from before the fragment it hit', () => {
    fc.assert(
      fc.property(fc.nat(made.media.length - 1), fc.integer({ min: 1, max: 255 }), (i, change) => {
        const altered = made.media.slice();
        altered[i] = (altered[i] ?? 0) ^ change;
        const check = new CopyCheck(index, crc32);
        expect(check.add(altered)).toBe(false);
        expect(check.solid).toBeLessThanOrEqual(i);
        check.rewind();
        expect(check.position).toBe(check.solid);
        expect(check.add(made.media.subarray(check.solid))).toBe(true);
        expect(check.isComplete).toBe(true);
      }),
    );
  });
});
