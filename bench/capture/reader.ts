import { connect, type NetConnectOpts, type Socket } from 'node:net';

export type ReaderKind = 'plain' | 'onread';

const shared = new Uint8Array(512 * 1024);

/** Resolves when the source has sent its first media; from then on its bytes are only counted. */
export function openReader(url: string, kind: ReaderKind): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port, protocol, pathname } = new URL(url);
    const dialogue = protocol === 'rtsp:' ? rtspDialogue(url) : [`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`];
    let head = '';
    let plays = false;
    const socket = open({ host, port: Number(port) }, kind, (bytes) => {
      if (plays) return;
      head += Buffer.from(bytes).toString('latin1');
      const end = answerEnd(head);
      if (end < 0) return;
      if (!/^\S+ 200 /.test(head)) reject(new Error(`${url} answers ${head.split('\r\n')[0]}`));
      head = head.slice(end);
      const next = dialogue.shift();
      if (next !== undefined) socket.write(next);
      else {
        plays = true;
        resolve();
      }
    });
    socket.once('error', reject);
    socket.once('close', () => {
      // A reader with fewer sources would look cheaper than it is: the whole process ends.
      throw new Error(`${url} ended the connection`);
    });
    socket.once('connect', () => socket.write(dialogue.shift() ?? ''));
  });
}

function open(
  to: { readonly host: string; readonly port: number },
  kind: ReaderKind,
  take: (bytes: Uint8Array) => void,
): Socket {
  const onread = {
    buffer: shared,
    callback: (length: number) => {
      take(shared.subarray(0, length));
      return true;
    },
  };
  const options: NetConnectOpts = { ...to, noDelay: true };
  if (kind === 'onread') return connect({ ...options, onread });
  return connect(options).on('data', take);
}

/** The least that a camera of the bench asks for: two tracks, both interleaved. */
function rtspDialogue(url: string): string[] {
  const request = (line: string, sequence: number, headers: readonly string[] = []): string =>
    [`${line} RTSP/1.0`, `CSeq: ${sequence}`, ...headers, '', ''].join('\r\n');
  const setUp = (track: number): string =>
    request(`SETUP ${url}/trackID=${track}`, 2 + track, [
      `Transport: RTP/AVP/TCP;unicast;interleaved=${2 * track}-${2 * track + 1}`,
    ]);
  return [request(`DESCRIBE ${url}`, 1), setUp(0), setUp(1), request(`PLAY ${url}`, 4)];
}

/** Where the first answer ends, its body included; negative while it is not whole. */
function answerEnd(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return -1;
  const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length >= end + 4 + length ? end + 4 + length : -1;
}
