import { describe, expect, test } from 'vitest';
import { serverName } from '../../units/ids.ts';
import { parseConfig } from '../loading/load.ts';
import type { Config } from '../model/config.ts';
import { type Change, diff, lostPlace, restartReasons } from './diff.ts';

function configOf(text: string): Config {
  const { config } = parseConfig(text, 'f');
  if (config === undefined) throw new Error('the text of the test is wrong');
  return config;
}

const base = 'cluster_key KEY; peer s01; peer s02; stream a { url rtsp://h/a; } stream b { url rtsp://h/b; }';

/** A change in short: what, whose, which fields. */
function short(change: Change): string {
  switch (change.type) {
    case 'stream-added':
      return `+ stream ${change.stream.name}`;
    case 'stream-removed':
      return `- stream ${change.name}`;
    case 'stream-changed':
      return `~ stream ${change.stream.name} ${change.fields}`;
    case 'peer-added':
      return `+ peer ${change.peer.name}`;
    case 'peer-removed':
      return `- peer ${change.name}`;
    case 'peer-changed':
      return `~ peer ${change.peer.name} ${change.fields}`;
    case 'setting-changed':
      return `~ ${change.field}`;
  }
}

describe('diff', () => {
  test("what is recorded of a stream, and where, is the stream's, by itself", () => {
    const recorded = (dvr: string): Config => configOf(`stream a { url rtsp://h/a; ${dvr} }`);
    expect(diff(recorded(''), recorded('dvr /s 7d;')).map(short)).toEqual(['~ stream a dvr']);
    expect(diff(recorded('dvr /s/ 7d;'), recorded('dvr /s 168h;')).map(short)).toEqual([]);
    expect(diff(recorded('dvr /s 7d;'), recorded('dvr /s 8d;')).map(short)).toEqual(['~ stream a dvr']);
  });

  test.each([
    ['nothing', base, []],
    [
      'order and comments',
      `# x\n${base.split('; ').slice(0, 3).join('; ')}; stream b { url rtsp://h/b; } stream a { url rtsp://h/a; }`,
      [],
    ],
    ['a default spelt out', `${base} handovers 5;`, []],
    ['a stream more', `${base} stream c { url rtsp://h/c; }`, ['+ stream c']],
    ['a stream less', base.replace('stream b { url rtsp://h/b; }', ''), ['- stream b']],
    ['a stream renamed', base.replace('stream b', 'stream c'), ['- stream b', '+ stream c']],
    ['a source', base.replace('h/b', 'h/c'), ['~ stream b sources']],
    [
      'several fields',
      base.replace('url rtsp://h/b;', 'url rtsp://h/b; cluster_ingest; source_timeout 3;'),
      ['~ stream b clusterIngest,sourceTimeout'],
    ],
    ['an option', base.replace('h/a;', 'h/a; segment_duration 4;'), ['~ stream a segmentDuration']],
    ['a peer more', `${base} peer s03;`, ['+ peer s03']],
    ['a peer less', base.replace('peer s02;', ''), ['- peer s02']],
    [
      "a peer's place",
      base.replace('peer s02;', 'peer s02 { address 10.0.0.2; weight 2; }'),
      ['~ peer s02 host,publicUrl,weight'],
    ],
    ['the port of all', `${base} http 9000;`, ['~ http', '~ peer s01 port,publicUrl', '~ peer s02 port,publicUrl']],
    [
      'settings',
      `${base} failback_delay 1; handovers 1; edit_auth a b; state_dir /s;`,
      ['~ failbackDelay', '~ handovers', '~ stateDir', '~ editAuth'],
    ],
    ['the key', base.replace('KEY', 'KEY2'), ['~ clusterKey']],
  ])('%s', (_, text, expected) => {
    expect(diff(configOf(base), configOf(text)).map(short)).toEqual(expected);
  });
});

describe('restartReasons', () => {
  const reasons = (text: string, inForce = base) =>
    restartReasons({ started: configOf(base), inForce: configOf(inForce), next: configOf(text) }, serverName('s01'));

  test.each([
    ['streams, peers and settings need none', `${base} peer s03; stream c { url rtsp://h/c; } failback_delay 1;`, []],
    ['another port', `${base} http 9000;`, ['it listens on *:8080, the new file says *:9000']],
    ['the same port said otherwise', `${base} http 8080;`, []],
    ['the port of another server', base.replace('peer s02;', 'peer s02:81;'), []],
    ['another folder', `${base} state_dir /s;`, ['its state_dir is ./headwater-state/s01, the new file says /s']],
    [
      'longer segments',
      base.replace('h/a;', 'h/a; segment_duration 4;'),
      ['segments of stream a stay 2s long, the new file says 4s'],
    ],
    [
      'longer segments of many',
      base.replace(/h\/[ab];/g, '$& segment_duration 4;'),
      ['segments of 2 streams (a, b) stay 2s long, the new file says 4s'],
    ],
  ])('%s', (_, text, expected) => {
    expect(reasons(text)).toEqual(expected);
  });

  test('are those against what was taken at start, whatever was in force since', () => {
    const moved = `${base} http 9000; state_dir /s;`;
    expect(reasons(base, moved)).toEqual([]);
    expect(reasons(moved, moved)).toHaveLength(2);
  });
});

describe('lostPlace', () => {
  const alone = 'http 8080;';
  test.each([
    ['nothing', base, `${base} peer s03;`, undefined],
    ['alone as before', alone, 'http 8081;', undefined],
    ['taken off the list', base, base.replace('peer s01;', ''), /s01, is not in the new list/],
    ['alone, now a group', alone, `${alone} ${base}`, /was alone/],
    ['of a group, now alone', base, alone, /was one of a group/],
  ])('%s', (_, old, next, expected) => {
    const lost = lostPlace(configOf(old), configOf(next), serverName('s01'));
    if (expected === undefined) expect(lost).toBeUndefined();
    else expect(lost).toMatch(expected);
  });
});
