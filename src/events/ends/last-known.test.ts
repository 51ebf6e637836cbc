import { describe, expect, test } from 'vitest';
import type { ServerView, StreamView } from '../../cluster/step/view.ts';
import { type ServerName, serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { instant, unixMicros } from '../../units/time.ts';
import type { KeptEnd } from './kept-ends.ts';
import { endsAtOthers, LastKnown } from './last-known.ts';

const cam = streamName('cam');
const [a, b] = [serverName('a'), serverName('b')];
const end = (server: ServerName, at: number): KeptEnd => ({ server, end: ticks(at) });

describe('who had a stream last', () => {
  test.each<[string, { published?: number; own?: KeptEnd; others?: KeptEnd }, KeptEnd | undefined]>([
    ['nobody knows', {}, undefined],
    ['this server, in this life', { published: 9, own: end(a, 5) }, end(a, 9)],
    ['this server, in the life before', { own: end(a, 5), others: end(b, 4) }, end(a, 5)],
    ['another one behind it', { own: end(a, 5), others: end(b, 6) }, end(b, 6)],
    ['another one', { others: end(b, 6) }, end(b, 6)],
  ])('%s', (_, { published, own, others }, last) => {
    const known = new LastKnown({
      self: a,
      now: () => ticks(100),
      published: () => (published === undefined ? undefined : ticks(published)),
      own: { get: () => own },
      others: { get: () => others },
    });
    expect(known.of(cam)).toEqual(last);
    expect(known.ofOwnPast(cam)).toBe(own?.end);
  });
});

test('what another server captures went on until that one was heard last', () => {
  const stream = (name: string, state: StreamView['state'], owner?: ServerName): StreamView => ({
    name: streamName(name),
    state,
    home: a,
    owner,
    capturedBy: owner,
    since: undefined,
    triedBy: undefined,
    framesUntil: undefined,
  });
  const server = (name: ServerName, lastHeard: number | undefined): ServerView => ({
    name,
    self: name === a,
    state: 'alive',
    lastHeard: lastHeard === undefined ? undefined : instant(lastHeard),
    incarnation: undefined,
    configDigest: undefined,
    minority: false,
    captured: 0,
  });
  const unheard = serverName('c');
  const ends = endsAtOthers({
    self: a,
    streams: [
      stream('theirs', 'running', b),
      stream('ours', 'running', a),
      stream('begun', 'starting', b),
      stream('nobodys', 'waiting'),
      stream('unheard', 'running', unheard),
    ],
    servers: [server(a, 9_000), server(b, 8_000), server(unheard, undefined)],
    utcAt: (at) => unixMicros(at * 1_000),
  });
  expect([...ends]).toEqual([['theirs', end(b, 8 * 90_000)]]);
});
