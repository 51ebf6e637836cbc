import { describe, expect, test } from 'vitest';
import { parseConfig } from '../loading/load.ts';
import type { DvrConfig } from '../model/config.ts';

const notYet = /this version does not do/;

function said(text: string): string[] {
  return parseConfig(text, 'f')
    .diagnostics.filter(({ message }) => !notYet.test(message))
    .map(({ severity, line, column, message }) => `${line}:${column} ${severity}: ${message}`);
}

/** Of the first stream. */
function dvrOf(text: string): DvrConfig | undefined {
  return parseConfig(text, 'f').config?.streams[0]?.dvr;
}

const gigabyte = 1024 ** 3;
const day = 86_400_000;

describe('dvr', () => {
  test.each<[string, object]>([
    ['/s', { root: '/s', mostAge: undefined, mostBytes: undefined, freePercent: 5 }],
    ['/s/ 7d', { root: '/s', mostAge: 7 * day, mostBytes: undefined }],
    ['/s 3600', { mostAge: 3_600_000 }],
    ['/s 500G', { mostAge: undefined, mostBytes: 500 * gigabyte }],
    ['/s 7d 500G free=10%', { mostAge: 7 * day, mostBytes: 500 * gigabyte, freePercent: 10 }],
    [`/s/\${name} free=0%`, { root: `/s/\${name}`, freePercent: 0 }],
    ['./off', { root: './off' }],
  ])('%s', (args, dvr) => {
    expect(dvrOf(`stream a { url rtsp://h/a; dvr ${args}; }`)).toMatchObject(dvr);
  });

  test.each([
    ['', 'error: `dvr` needs ROOT'],
    ['/s 7 500G', 'error: `7` is out of range'],
    ['/s soon', 'error: `soon` is neither an age nor a size'],
    ['/s 7d soon', 'error: `soon` is no size'],
    ['/s 500G 7d', 'error: too many arguments: `dvr` takes ROOT'],
    ['/s 7d 0G', 'error: `0G` is no size'],
    ['/s free=10', 'error: `10` is no share'],
    ['/s free=95%', 'error: `95%` is out of range'],
    ['off 7d', 'error: `dvr off` takes nothing more'],
    ['recordings', 'warning: `recordings` is found from the folder in which the server was started'],
  ])('%s: %s', (args, message) => {
    const [first = '', ...more] = said(`stream a { url rtsp://h/a; dvr ${args}; }`);
    expect(more).toEqual([]);
    expect(first).toContain(message);
  });

  test('of a template holds for its streams, but for those that say otherwise', () => {
    const template = 'template t { url rtsp://h/a; dvr /s 7d; }';
    expect(dvrOf(`${template} stream a { template t; }`)).toMatchObject({ root: '/s', mostAge: 7 * day });
    expect(dvrOf(`${template} stream a { template t; dvr off; }`)).toBeUndefined();
    // As a whole: nothing of the template's line stays.
    expect(dvrOf(`${template} stream a { template t; dvr /u; }`)).toMatchObject({ root: '/u', mostAge: undefined });
  });

  test('a root that two servers of one machine would share is told, once for all streams of a template', () => {
    const group = (root: string): string =>
      `cluster_key k; peer 127.0.0.1:8081; peer 127.0.0.1:8082;
       template t { cluster_ingest; dvr ${root}; }
       stream a { url rtsp://h/a; template t; }
       stream b { url rtsp://h/b; template t; }`;
    expect(said(group('/s'))).toEqual([
      '2:41 warning: servers on 127.0.0.1 would share one archive: what one of them lost, the others would lose with it',
    ]);
    expect(said(group(`/s/\${name}`))).toEqual([]);
    expect(said(group('/s').replace('127.0.0.1:8082', '10.0.0.2'))).not.toContainEqual(
      expect.stringContaining('share'),
    );
  });
});

describe('replication_speed', () => {
  test.each([
    ['200M', 200_000_000],
    ['64k', 64_000],
  ])('%s', (text, rate) => {
    expect(parseConfig(`replication_speed ${text};`, 'f').config?.replicationSpeed).toBe(rate);
  });

  test('neither so small that nothing would ever arrive, nor no rate', () => {
    expect(said('replication_speed 200;')).toEqual(['1:19 error: `200` is out of range']);
    expect(said('replication_speed fast;')).toEqual(['1:19 error: `fast` is no rate']);
  });
});
