import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controlUrl, parseSdp, type SdpTrack } from './sdp.ts';

const head = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n';
const aacLengths = { size: 13, index: 3, indexDelta: 3 };

describe.each<{ name: string; text: string; control?: string; tracks: SdpTrack[] }>([
  {
    name: 'a camera with sound',
    text:
      `${head}a=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n` +
      'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0IAHg==,aM44gA==; profile-level-id=42001E\r\na=control:trackID=1\r\n' +
      'm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/48000/2\r\n' +
      'a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190\r\n' +
      'a=control:trackID=2\r\n',
    control: '*',
    tracks: [
      {
        format: {
          kind: 'h264',
          parameterSets: [Uint8Array.from([0x67, 0x42, 0, 0x1e]), Uint8Array.from([0x68, 0xce, 0x38, 0x80])],
        },
        payloadType: 96,
        clockRate: 90_000,
        control: 'trackID=1',
      },
      {
        format: { kind: 'aac', config: Uint8Array.from([0x11, 0x90]), lengths: aacLengths },
        payloadType: 97,
        clockRate: 48_000,
        control: 'trackID=2',
      },
    ],
  },
  {
    name: 'no fmtp: parameter sets in band',
    text: `${head}m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:rtsp://10.0.0.5/main/video\n`,
    tracks: [
      {
        format: { kind: 'h264', parameterSets: [] },
        payloadType: 96,
        clockRate: 90_000,
        control: 'rtsp://10.0.0.5/main/video',
      },
    ],
  },
  {
    name: 'what is not carried is told; a back channel is left out',
    text:
      `${head}m=audio 0 RTP/AVP 8\r\na=control:a\r\nm=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\na=control:v\r\n` +
      'm=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\n' +
      'm=audio 0 RTP/AVP 99\r\na=rtpmap:99 mpeg4-generic/16000\r\na=control:c\r\n',
    tracks: [
      { format: { kind: 'unsupported', codec: 'PCMA' }, payloadType: 8, clockRate: 90_000, control: 'a' },
      { format: { kind: 'unsupported', codec: 'H265' }, payloadType: 98, clockRate: 90_000, control: 'v' },
      { format: { kind: 'unsupported', codec: 'mpeg4-generic' }, payloadType: 99, clockRate: 16_000, control: 'c' },
    ],
  },
  {
    name: 'AAC-lbr, and a name that looks like a number',
    text: `${head}m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/8000/1\r\na=fmtp:97 mode=AAC-lbr;Config=1588\r\na=control:2\r\n`,
    tracks: [
      {
        format: { kind: 'aac', config: Uint8Array.from([0x15, 0x88]), lengths: { size: 6, index: 2, indexDelta: 2 } },
        payloadType: 97,
        clockRate: 8_000,
        control: '2',
      },
    ],
  },
])('$name', ({ text, control, tracks }) => {
  test('is read', () => expect(parseSdp(text)).toEqual({ control, tracks }));
});

test.each([
  ['rtsp://h/a', undefined, 'rtsp://h/a'],
  ['rtsp://h/a/', '*', 'rtsp://h/a/'],
  ['rtsp://h/a', 'trackID=1', 'rtsp://h/a/trackID=1'],
  ['rtsp://h/a/', 'trackID=1', 'rtsp://h/a/trackID=1'],
  ['rtsp://h/a?channel=1', 'trackID=1', 'rtsp://h/a?channel=1/trackID=1'],
  ['rtsp://h/a', 'rtsp://other/b', 'rtsp://other/b'],
])('%s with %s is %s', (base, control, url) => {
  expect(controlUrl(base, control)).toBe(url);
});

test('no text makes the parser throw', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=rtpmap:96', 'm=', 'a=fmtp:96 x=;=;config=1'),
    fc.constantFrom(
      'a=fmtp:96 sprop-parameter-sets=A,====,!',
      'a=rtpmap:97 mpeg4-generic',
      'a=fmtp:96 5',
      'a=rtpmap:96 264/1',
      'm=audio 0 RTP/AVP',
      'a=',
    ),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      expect(parseSdp(`v=0\r\n${lines.join('\r\n')}`)?.tracks.length).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
  expect(parseSdp('<html>')).toBeUndefined();
});
