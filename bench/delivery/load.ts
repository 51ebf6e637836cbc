import { connect, type Socket } from 'node:net';
import { systemClock } from '../../src/adapters/clock.ts';
import { after, type Instant, millis } from '../../src/units/time.ts';
import { wrk } from './wrk.ts';

/** As many viewers as ask at once: enough to keep the server busy, few enough that none waits long. */
const connections = 32;

export interface Load {
  readonly port: number;
  readonly path: string;
  /** Whole ones. */
  readonly seconds: number;
}

/**
 * Asks again and again over kept connections, one request at a time on each; resolves with how many were answered. By wrk where it is
 * installed, for it takes less of the machine than any client in Node.
 */
export async function load(what: Load): Promise<number> {
  const { port, path, seconds } = what;
  const counted = await wrk(what, connections);
  if (counted !== undefined) return counted;
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
  );
  const until = after(systemClock.monotonic(), millis(seconds * 1000));
  const counts = await Promise.all(Array.from({ length: connections }, () => viewer(port, request, until)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function viewer(port: number, request: Buffer, until: Instant): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answered = 0;
    /** All answers of one path have the same length, learnt from the first. */
    let length = 0;
    let received = 0;
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('connect', () => socket.write(request));
    socket.on('data', (bytes) => {
      length ||= lengthOf(bytes);
      received += bytes.length;
      if (received < length) return;
      received -= length;
      answered += 1;
      next(socket, request, until, () => resolve(answered));
    });
  });
}

function next(socket: Socket, request: Buffer, until: Instant, done: () => void): void {
  if (systemClock.monotonic() < until) socket.write(request);
  else {
    socket.destroy();
    done();
  }
}

function lengthOf(head: Buffer): number {
  const text = head.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const body = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  if (end < 0 || body === undefined) throw new Error(`the first answer has no length: ${text.slice(0, 200)}`);
  return end + 4 + Number(body);
}
