import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { instant } from '../../units/time.ts';
import type { ClaimPhase } from '../message/claim.ts';
import { bounds } from '../step/bounds.ts';
import { Publication } from './publication.ts';

const now = instant(1_000);
const status = { settled: true, draining: false, leaving: false, penalized: false, minority: false, digest: 'd' };
const original = (): Publication => new Publication(serverName('s1'), incarnation(1), status);

function put(publication: Publication, stream: number, phase: ClaimPhase | undefined, failures = 0, url = 0): void {
  const claim = phase === undefined ? undefined : { phase, from: undefined, to: undefined, source: url, since: now };
  const standing = claim === undefined && failures === 0 ? undefined : { claim, failures, marked: false };
  publication.setStanding(streamName(`cam${stream}`), standing);
}

function contents(publication: Publication): unknown[] {
  return [...publication.standings].sort(([a], [b]) => (a < b ? -1 : 1));
}

const change = fc.record({
  stream: fc.nat({ max: 5 }),
  phase: fc.option(fc.constantFrom<ClaimPhase>('trying', 'capturing', 'released'), { nil: undefined }),
  failures: fc.nat({ max: 2 }),
  url: fc.nat({ max: 2 }),
});

describe('a copy', () => {
  test('is as the original whatever was changed, lost, repeated or late', () => {
    const step = fc.record({
      changes: fc.array(change, { maxLength: 4 }),
      fate: fc.constantFrom('ok', 'lost', 'late'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const source = original();
        let copy: Publication | undefined;
        const late: ReturnType<Publication['newsSince']>[] = [];
        const take = (news: ReturnType<Publication['newsSince']>): void => {
          if (copy === undefined) copy = Publication.from(news, now);
          else copy.apply(news, now);
        };
        for (const { changes, fate } of steps) {
          for (const { stream, phase, failures, url } of changes) put(source, stream, phase, failures, url);
          const news = source.newsSince(copy?.known, now);
          if (fate === 'ok') take(news);
          if (fate === 'late') late.push(news);
        }
        for (const news of late) take(news);
        take(source.newsSince(copy?.known, now));
        expect(contents(copy ?? original())).toEqual(contents(source));
        expect(source.isNewsTo(copy?.known)).toBe(false);
      }),
    );
  });

  test('can be relayed to a third as the original is', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 4 }), { minLength: 2 }), (batches) => {
        const source = original();
        const relay = Publication.from(source.newsSince(undefined, now), now) ?? original();
        const third = Publication.from(relay.newsSince(undefined, now), now) ?? original();
        batches.forEach((batch, i) => {
          for (const { stream, phase, failures, url } of batch) put(source, stream, phase, failures, url);
          relay.apply(source.newsSince(relay.known, now), now);
          if (i % 2 === 0) third.apply(relay.newsSince(third.known, now), now);
        });
        third.apply(relay.newsSince(third.known, now), now);
        expect(contents(third)).toEqual(contents(source));
      }),
    );
  });

  test('is the same in the end, whoever told whom of them when', () => {
    const copies = 3;
    const sync = fc.record({ from: fc.nat({ max: copies }), to: fc.integer({ min: 1, max: copies }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(change, sync), { minLength: 2, maxLength: 40 }), (steps) => {
        const source = original();
        const all = [source];
        for (let i = 0; i < copies; i++)
          all.push(Publication.from(source.newsSince(undefined, now), now) ?? original());
        const tell = (from: Publication, to: Publication): unknown => to.apply(from.newsSince(to.known, now), now);
        for (const step of steps) {
          if ('stream' in step) put(source, step.stream, step.phase, step.failures, step.url);
          else tell(all[step.from] ?? source, all[step.to] ?? source);
        }
        const [, first = source, second = source, third = source] = all;
        tell(source, first);
        tell(first, second);
        tell(second, third);
        expect(contents(third)).toEqual(contents(source));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused what builds on unknown news', () => {
    const source = original();
    const copy = Publication.from(source.newsSince(undefined, now), now) ?? original();
    put(source, 1, 'trying');
    const known = source.known;
    put(source, 2, 'trying');
    expect(copy.apply(source.newsSince(known, now), now)).toBe('gap');
    expect(copy.standings.size).toBe(0);
  });
});

describe('news', () => {
  test('are only what changed', () => {
    const source = original();
    for (let i = 0; i < 100; i++) put(source, i, 'capturing');
    const { known } = source;
    put(source, 7, 'released');
    put(source, 7, 'released');
    expect(source.newsSince(known, now).standings.map((one) => one.stream)).toEqual(['cam7']);
  });

  test('of another life are everything', () => {
    const source = original();
    put(source, 1, 'capturing');
    expect(source.newsSince({ incarnation: incarnation(2), revision: 1 }, now).base).toBeUndefined();
  });

  test('older than the memory are everything', () => {
    const source = original();
    const { known } = source;
    for (let i = 0; i <= bounds.longestLog; i++) source.touch();
    expect(source.newsSince(known, now).base).toBeUndefined();
  });

  test('tell spans, so that clocks need not agree', () => {
    const source = original();
    put(source, 1, 'capturing');
    const news = source.newsSince(undefined, instant(5_000));
    expect(news.standings[0]?.claim?.forMs).toBe(4_000);
    const copy = Publication.from(news, instant(1_000_000));
    expect(copy?.standings.get(streamName('cam1'))?.claim?.since).toBe(996_000);
  });
});
