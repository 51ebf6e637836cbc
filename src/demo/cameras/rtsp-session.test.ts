import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { header, headersOf, noBody, type RtspResponse } from '../../media/rtsp/message.ts';
import { RtspParser } from '../../media/rtsp/parser.ts';
import type { Behaviour } from './behaviour.ts';
import { Camera } from './camera.ts';
import { readClip } from './clip.ts';
import { ConnectionLog } from './connection-log.ts';
import { rtpReel } from './rtp-reel.ts';
import { RtspSession } from './rtsp-session.ts';

const clip = readClip(new Uint8Array(readFileSync('demo/clip/gate.ts')));
const reel = rtpReel(clip);

/** A camera and one client that speaks to it. */
class Talk {
  readonly clock = new ManualClock();
  readonly log = new ConnectionLog(() => this.clock.wall());
  readonly camera: Camera;
  readonly session: RtspSession;
  readonly responses: RtspResponse[] = [];
  /** Packets by channel. */
  readonly packets = new Map<number, number>();
  ending = '';

  constructor(behaviour: Partial<Behaviour> = {}) {
    const { clock, log } = this;
    this.camera = new Camera({ name: 'c', clock, log, epoch: clock.monotonic(), shift90k: 0, behaviour });
    const parser = new RtspParser({
      message: (message) => {
        if (message.kind === 'response') this.responses.push(message);
      },
      data: (channel) => this.packets.set(channel, (this.packets.get(channel) ?? 0) + 1),
      stray: () => {
        throw new Error('stray bytes');
      },
    });
    this.session = new RtspSession((name) => (name === 'c' ? { camera: this.camera, clip, reel } : undefined), clock, {
      write: (bytes) => parser.push(bytes),
      unsent: 0,
      drop: () => {
        this.ending = 'dropped';
      },
      end: () => {
        this.ending = 'ended';
      },
    });
  }

  ask(method: string, path = '/c', headers: Record<string, string> = {}): number | undefined {
    const before = this.responses.length;
    const uri = `rtsp://h:554${path}`;
    this.session.request({ kind: 'request', method, uri, headers: headersOf({ cseq: '1', ...headers }), body: noBody });
    return this.responses.length > before ? this.responses.at(-1)?.status : undefined;
  }

  setUp(track: number, channel: number): number | undefined {
    const transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    return this.ask('SETUP', `/c/trackID=${track}`, { transport });
  }

  async pass(span: number): Promise<void> {
    await this.clock.advance(ms(span));
    this.camera.tick();
  }
}

test('plays what was set up, on the channels that were asked for', async () => {
  const talk = new Talk();
  expect([talk.ask('OPTIONS'), talk.ask('DESCRIBE'), talk.setUp(0, 0), talk.setUp(1, 2), talk.ask('PLAY')]).toEqual(
    Array(5).fill(200),
  );
  await talk.pass(2000);
  expect([...talk.packets.keys()].sort()).toEqual([0, 1, 2, 3]);
  const other = new Talk();
  other.ask('DESCRIBE');
  other.setUp(0, 6);
  other.ask('PLAY');
  await other.pass(2000);
  expect([...other.packets.keys()].sort()).toEqual([6, 7]);
  expect(other.packets.get(6)).toBe(talk.packets.get(0));
});

test('says what it can not do', () => {
  const talk = new Talk();
  expect(talk.ask('DESCRIBE', '/none')).toBe(404);
  const other = new Talk();
  expect(other.ask('SETUP', '/c/trackID=0', { transport: 'RTP/AVP;unicast;client_port=1-2' })).toBe(461);
  expect(other.ask('SETUP', '/c/trackID=5', { transport: 'RTP/AVP/TCP;interleaved=0-1' })).toBe(404);
  expect(other.ask('PLAY')).toBe(455);
  expect(other.ask('TEARDOWN')).toBe(454);
  expect(other.ask('RECORD')).toBe(501);
});

test('a session without a sign of life ends', async () => {
  const talk = new Talk({ sessionTimeoutSeconds: 10 });
  talk.ask('DESCRIBE');
  talk.setUp(0, 0);
  expect(header(talk.responses.at(-1) ?? (talk.responses[0] as RtspResponse), 'session')).toMatch(/;timeout=10$/);
  talk.ask('PLAY');
  await talk.pass(9_000);
  talk.ask('GET_PARAMETER');
  await talk.pass(9_000);
  expect(talk.ending).toBe('');
  await talk.pass(2_000);
  expect(talk.ending).toBe('dropped');
  expect(talk.log.history().at(-1)).toMatchObject({ event: 'close', why: 'no sign of life' });
});

test('a connection counts from DESCRIBE to TEARDOWN', () => {
  const talk = new Talk();
  talk.ask('OPTIONS');
  expect(talk.log.count('c').open).toBe(0);
  talk.ask('DESCRIBE');
  expect(talk.log.count('c')).toMatchObject({ open: 1, playing: 0 });
  talk.setUp(0, 0);
  talk.ask('PLAY');
  expect(talk.log.count('c')).toMatchObject({ open: 1, playing: 1 });
  talk.ask('TEARDOWN');
  expect(talk.ending).toBe('ended');
  expect(talk.log.count('c')).toMatchObject({ open: 0, playing: 0, total: 1 });
});

test('a dead camera answers nothing, one without room says so', () => {
  const dead = new Talk({ state: 'dead' });
  expect(dead.ask('DESCRIBE')).toBeUndefined();
  expect(dead.ending).toBe('dropped');
  const full = new Talk({ second: 'refuse' });
  full.camera.enter({ write: () => {}, unsent: 0, drop: () => {} }, reel);
  expect(full.ask('DESCRIBE')).toBe(453);
});
