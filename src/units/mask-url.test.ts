import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskUrl } from './mask-url.ts';

describe('maskUrl', () => {
  test.each([
    ['rtsp://10.0.0.5/main', 'rtsp://10.0.0.5/main'],
    ['rtsp://u:p@10.0.0.5/main', 'rtsp://***@10.0.0.5/main'],
    ['rtsp://u:p@ss@10.0.0.5/main', 'rtsp://***@10.0.0.5/main'],
    ['rtsp://u:p/ss@h/main', 'rtsp://***@h/***'],
    ['rtsp://u:p?ss@h/main', 'rtsp://***@h/***'],
    ['rtsp://u:p@ss/word@h/main', 'rtsp://***'],
    ['http://h/live?user=a&password=b', 'http://h/live?user=***&password=***'],
    ['u:p@h', '***@h'],
    ['file:///srv/a/b@c/key=d.mp4', 'file:///srv/a/b@c/key=d.mp4'],
    ['', ''],
  ])('%s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });

  test.each([
    [
      'rtsp://10.0.0.5:554/user=admin&password=Kq7Zx9Wv&channel=1&stream=0.sdp?',
      'rtsp://10.0.0.5:554/user=***&password=***&channel=1&stream=0.sdp?',
    ],
    [
      'rtsp://10.0.0.5/user=admin_password=Kq7Zx9Wv_channel=1_stream=0.sdp?real_stream',
      'rtsp://10.0.0.5/user=***_password=***_channel=1_stream=0.sdp?real_stream',
    ],
    ['rtsp://10.0.0.5/user=a&password=Kq7/Zx_9=W&v;x?y&channel=1', 'rtsp://10.0.0.5/user=***&password=***&channel=1'],
    ['rtsp://10.0.0.5/ch1?Kq7Zx9Wv#frag=Tb6Qh4Md', 'rtsp://10.0.0.5/ch1?***'],
    ['rtsp://10.0.0.5/0/admin:Kq7Zx9Wv/main', 'rtsp://10.0.0.5/0/***'],
    ['rtsp://10.0.0.5/ch1?Kq7Zx9Wv=', 'rtsp://10.0.0.5/ch1?***'],
    ['rtsp://u:p@10.0.0.5/token=Kq7Zx9Wv', 'rtsp://***@10.0.0.5/token=***'],
    ['rtsp://10.0.0.5/live?Channel=2&PROFILE=Profile_1', 'rtsp://10.0.0.5/live?Channel=2&PROFILE=Profile_1'],
    ['rtsp://h/cam/realmonitor?channel=1&subtype=0', 'rtsp://h/cam/realmonitor?channel=1&subtype=0'],
  ])('a camera is recognised without its password: %s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });

  test.each([
    ['http://iptv.example/live/joe/s3cret/1234.ts', 'http://iptv.example/…/1234.ts'],
    ['https://iptv.example:8443/joe/s3cret/1234', 'https://iptv.example:8443/…/1234'],
    ['HTTP://iptv.example/live/joe/s3cret/', 'HTTP://iptv.example/…/'],
    ['http://u:p@iptv.example/live/joe/s3cret/1234.ts', 'http://***@iptv.example/…/1234.ts'],
    ['http://iptv.example/live/joe@mail.example/s3cret/1234.ts', 'http://iptv.example/***'],
    ['http://iptv.example/live/joe/s3cret/1.ts?auth=abc&channel=4', 'http://iptv.example/…/1.ts?auth=***&channel=4'],
    ['http://iptv.example/live.ts?password=s3@cret', 'http://iptv.example/***'],
    ['http://s01:8080/cam01/mpegts', 'http://s01:8080/cam01/mpegts'],
  ])('the panel of a provider: %s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });
});

/** What shows of every URL below, and may be part of any password. */
const seen =
  'rtsp://user:***@host.example/main user=***&password=***&channel=1&stream=0.sdp ?token=*** http://…/1234.ts';

describe('a password never shows, whatever it holds', () => {
  const password = fc.string({ minLength: 6 }).filter((text) => !seen.includes(text));
  const escaped = password.map(encodeURIComponent).filter((text) => !seen.includes(text));

  test.each<[string, fc.Arbitrary<string>, (secret: string) => string]>([
    ['before the host', password, (secret) => `rtsp://user:${secret}@host.example/main`],
    ['in a pair of the path', escaped, (secret) => `rtsp://host.example/user=a&password=${secret}&channel=1`],
    ['in a pair with underscores', escaped, (secret) => `rtsp://host.example/user=a_password=${secret}_channel=1`],
    ['in a query', escaped, (secret) => `http://host.example/main?channel=1&token=${secret}`],
    ['as a query', escaped, (secret) => `http://host.example/main?${secret}`],
    ['in a panel', escaped, (secret) => `http://host.example/live/joe/${secret}/1234.ts`],
    ['in a short panel', escaped, (secret) => `http://host.example/joe/${secret}/1234.ts`],
  ])('%s', (_, secrets, url) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(maskUrl(url(secret))).not.toContain(secret);
      }),
    );
  });
});
