import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { AppError } from '../../units/app-error.ts';
import { instant } from '../../units/time.ts';
import type { Credentials } from './auth.ts';
import { RtspClient } from './client.ts';
import { header, type RtspRequest } from './message.ts';
import { RtspParser } from './parser.ts';

const url = 'rtsp://10.0.0.5/main?channel=1';
const sdp =
  'v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n' +
  'm=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/48000/2\r\na=fmtp:97 mode=AAC-hbr;config=1190\r\na=control:a\r\n';

/** A client against a server that is told what to say. */
class Dialogue {
  readonly sink = new CollectingSink();
  readonly asked: RtspRequest[] = [];
  readonly told: string[] = [];
  readonly reports: number[] = [];
  readonly client: RtspClient;

  constructor(credentials?: Credentials) {
    const server = new RtspParser({
      message: (message) => {
        if (message.kind === 'request') this.asked.push(message);
        else this.told.push(`answered ${message.status}`);
      },
      data: (channel) => this.reports.push(channel),
      stray: () => this.told.push('stray'),
    });
    this.client = new RtspClient(
      {
        url,
        credentials,
        sink: this.sink,
        ssrc: 1,
        hash: (algorithm, text) => createHash(algorithm).update(text).digest('hex'),
        clientNonce: () => 'c',
      },
      {
        send: (bytes) => server.push(bytes),
        step: () => {},
        playing: () => this.told.push('playing'),
        media: () => this.told.push('media'),
        redirect: (to) => this.told.push(`redirect ${to}`),
      },
    );
    this.client.start();
  }

  get last(): RtspRequest {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  /** Answers what was asked last. */
  say(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): this {
    const lines = Object.entries({ CSeq: header(this.last, 'cseq') ?? '', ...headers }).map(([k, v]) => `${k}: ${v}`);
    return this.raw(`RTSP/1.0 ${status} X\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  }

  raw(text: string): this {
    this.client.push(new TextEncoder().encode(text), instant(0));
    return this;
  }

  /** Up to PLAY answered. */
  play(options: { public?: string; session?: string } = {}): this {
    const session = options.session ?? '7';
    this.say(200, { Public: options.public ?? 'OPTIONS, GET_PARAMETER' }).say(200, {}, sdp);
    this.say(200, { Session: session, Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' });
    return this.say(200, { Session: session, Transport: 'RTP/AVP/TCP;unicast;interleaved=2-3' }).say(200);
  }

  codeOf(act: () => unknown): string {
    try {
      act();
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
    return 'no error';
  }
}

const lines = (dialogue: Dialogue): string[] => dialogue.asked.map(({ method, uri }) => `${method} ${uri}`);

describe('the way to media', () => {
  test('asks in order, names session and channels', () => {
    const dialogue = new Dialogue().play();
    expect(lines(dialogue)).toEqual([
      `OPTIONS ${url}`,
      `DESCRIBE ${url}`,
      `SETUP ${url}/v`,
      `SETUP ${url}/a`,
      `PLAY ${url}`,
    ]);
    expect(dialogue.asked.map((request) => header(request, 'cseq'))).toEqual(['1', '2', '3', '4', '5']);
    expect(dialogue.asked.map((request) => header(request, 'session'))).toEqual([
      undefined,
      undefined,
      undefined,
      '7',
      '7',
    ]);
    expect(header(dialogue.asked[3] as RtspRequest, 'transport')).toBe('RTP/AVP/TCP;unicast;interleaved=2-3');
    expect(dialogue.told).toEqual(['playing']);
  });

  test('tracks are relative to what the server calls its base', () => {
    const dialogue = new Dialogue().say(200).say(200, { 'Content-Base': 'rtsp://camera/base/' }, sdp).say(200);
    expect(dialogue.last.uri).toBe('rtsp://camera/base/a');
  });

  test('a server that knows no OPTIONS is asked on', () => {
    expect(new Dialogue().say(405).last.method).toBe('DESCRIBE');
  });

  test('the server may choose other channels', () => {
    const dialogue = new Dialogue().say(200).say(200, {}, sdp);
    dialogue.say(200, { Session: '7', Transport: 'RTP/AVP/TCP;interleaved=10-11' }).say(200).say(200);
    const packet = Uint8Array.from([0x24, 10, 0, 13, 0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 99]);
    dialogue.client.push(packet, instant(0));
    expect(dialogue.told).toEqual(['playing', 'media']);
    expect(dialogue.sink.damages).toEqual([]);
  });
});

test('sound that is refused is done without; a picture is not', () => {
  const dialogue = new Dialogue().say(200).say(200, {}, sdp).say(200, { Session: '7' }).say(461);
  expect(dialogue.last.method).toBe('PLAY');
  const blind = new Dialogue().say(200).say(200, {}, sdp);
  expect(blind.codeOf(() => blind.say(461))).toBe('source-unsupported');
});

describe('credentials', () => {
  const credentials = { user: 'u', password: 'p' };
  const challenge = (nonce: string, stale = ''): Record<string, string> => ({
    'WWW-Authenticate': `Digest realm="r", nonce="${nonce}"${stale}`,
  });

  test('are given when asked for, and with every request from then on', () => {
    const dialogue = new Dialogue(credentials).say(200).say(401, challenge('n'));
    expect(dialogue.last.method).toBe('DESCRIBE');
    expect(header(dialogue.last, 'authorization')).toContain('nonce="n"');
    dialogue.say(200, {}, sdp);
    expect(header(dialogue.last, 'authorization')).toContain(`uri="${url}/v"`);
  });

  test('once refused, are not tried again; nor when there are none', () => {
    const dialogue = new Dialogue(credentials).say(200).say(401, challenge('n'));
    expect(dialogue.codeOf(() => dialogue.say(401, challenge('m')))).toBe('source-unauthorized');
    const without = new Dialogue().say(200);
    expect(without.codeOf(() => without.say(401, challenge('n')))).toBe('source-unauthorized');
  });

  test('a nonce that ran out is replaced, said or unsaid', () => {
    const dialogue = new Dialogue(credentials).say(200).say(401, challenge('n')).say(200, {}, sdp);
    dialogue.say(401, challenge('m'));
    expect(header(dialogue.last, 'authorization')).toContain('nonce="m"');
    dialogue.say(401, challenge('o', ', stale=true'));
    expect(header(dialogue.last, 'authorization')).toContain('nonce="o"');
    expect(dialogue.last.method).toBe('SETUP');
    dialogue.say(401, challenge('p', ', stale=true'));
    expect(dialogue.codeOf(() => dialogue.say(401, challenge('q', ', stale=true')))).toBe('source-unauthorized');
  });
});

describe('staying alive', () => {
  test.each([
    ['7', 24_000],
    ['7;timeout=10', 4_000],
    ['7; timeout=600', 30_000],
  ])('session %s: every %i ms', (session, every) => {
    expect(new Dialogue().play({ session }).client.keepAliveEvery).toBe(every);
  });

  test('by GET_PARAMETER where it is offered and works, else by OPTIONS', () => {
    const dialogue = new Dialogue().play();
    dialogue.client.keepAlive();
    expect(lines(dialogue).at(-1)).toBe(`GET_PARAMETER ${url}`);
    dialogue.say(451);
    dialogue.client.keepAlive();
    expect(lines(dialogue).at(-1)).toBe(`OPTIONS ${url}`);
    const other = new Dialogue().play({ public: 'OPTIONS' });
    other.client.keepAlive();
    expect(other.last.method).toBe('OPTIONS');
  });

  test('a server that answers none of it is asked again; one that forgot the session has ended it', () => {
    const dialogue = new Dialogue().play();
    dialogue.client.keepAlive();
    dialogue.client.keepAlive();
    expect(dialogue.asked).toHaveLength(7);
    dialogue.raw('RTSP/1.0 454 Late\r\nCSeq: 6\r\n\r\n');
    expect(dialogue.codeOf(() => dialogue.say(454))).toBe('source-closed');
  });
});

describe('refusals', () => {
  test.each([
    [404, 'source-not-found'],
    [403, 'source-unauthorized'],
    [453, 'source-busy'],
    [503, 'source-busy'],
    [461, 'source-unsupported'],
    [400, 'source-protocol'],
  ])('%i is %s', (status, code) => {
    const dialogue = new Dialogue().say(200);
    expect(dialogue.codeOf(() => dialogue.say(status))).toBe(code);
  });

  test.each([
    ['no SDP', '<html>', 'source-protocol', 'no SDP'],
    ['H.265 only', 'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n', 'source-unsupported', 'H265'],
    ['nothing', 'v=0\r\n', 'source-unsupported', 'no tracks'],
  ])('%s', (_, body, code, said) => {
    const dialogue = new Dialogue().say(200);
    expect(() => dialogue.say(200, {}, body)).toThrow(said);
    const again = new Dialogue().say(200);
    expect(again.codeOf(() => again.say(200, {}, body))).toBe(code);
  });

  test('what is no RTSP', () => {
    const dialogue = new Dialogue();
    expect(dialogue.codeOf(() => dialogue.raw('SSH-2.0 '.repeat(10_000)))).toBe('source-protocol');
  });
});

test('elsewhere: by an answer or by a request of the server', () => {
  expect(new Dialogue().say(200).say(302, { Location: 'rtsp://other/x' }).told).toEqual(['redirect rtsp://other/x']);
  const asked = new Dialogue().play().raw('REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://b/\r\n\r\n');
  expect(asked.told).toEqual(['playing', 'answered 200', 'redirect rtsp://b/']);
});

test('the server may ask for a sign of life, and may end the session', () => {
  const dialogue = new Dialogue().play().raw('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n');
  expect(dialogue.told).toEqual(['playing', 'answered 200']);
  expect(dialogue.codeOf(() => dialogue.raw('TEARDOWN * RTSP/1.0\r\nCSeq: 2\r\n\r\n'))).toBe('source-closed');
});

test('good-bye: nothing is delivered any more, and the confirmation is waited for', () => {
  const dialogue = new Dialogue().play();
  dialogue.client.teardown();
  expect(lines(dialogue).at(-1)).toBe(`TEARDOWN ${url}`);
  dialogue.client.push(Uint8Array.from([0x24, 0, 0, 1, 9]), instant(0));
  expect(dialogue.told).toEqual(['playing']);
  expect(dialogue.client.isTornDown).toBe(false);
  dialogue.say(200);
  expect(dialogue.client.isTornDown).toBe(true);
  const early = new Dialogue();
  early.client.teardown();
  expect(early.client.isTornDown).toBe(true);
});

test('reports are answered on their channel; stray bytes are told once', () => {
  const dialogue = new Dialogue().play();
  const report = Uint8Array.from([0x24, 1, 0, 28, 0x80, 200, 0, 6, ...Array(24).fill(1)]);
  dialogue.client.push(report, instant(0));
  expect(dialogue.reports).toEqual([1]);
  dialogue.raw('\0\0\0');
  dialogue.client.push(report, instant(0));
  expect(dialogue.sink.damages.map(({ kind }) => kind)).toEqual(['sync-lost']);
});
