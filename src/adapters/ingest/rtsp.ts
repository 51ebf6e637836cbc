import { randomBytes } from 'node:crypto';
import { connect, type LookupFunction, type Socket } from 'node:net';
import type { InputRequest, RunInput } from '../../capture/source/input.ts';
import { RtspClient } from '../../media/rtsp/client.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { after, type Millis, millis } from '../../units/time.ts';
import { Deadline } from './deadline.ts';
import { clientNonce, hexHash } from './hex-hash.ts';
import type { Reading } from './read-pace.ts';
import { sourceError } from './source-error.ts';
import { parseSourceUrl, type SourceUrl } from './source-url.ts';

const rtspPort = 554;
/** A source is behind one or two; a longer chain is a loop. */
const mostRedirects = 5;
/** A camera with one connection should know that it is free; one that doesn't answer is left alone. */
const teardownWait: Millis = millis(500);

/**
 * What the sockets of this thread read into, one after the other: a read is handled to its end before the next begins. Large, so that
 * a burst is taken with one call; shared, so that a hundred streams don't allocate for every read.
 */
const readBuffer = new Uint8Array(512 * 1024);

/** `rtsp://` over TCP, media interleaved. */
export function rtspInput(clock: Clock, reading: Reading, lookup: LookupFunction): RunInput {
  return async (request) => {
    let target = parseSourceUrl(request.source.url, rtspPort);
    for (let hop = 0; hop <= mostRedirects; hop++) {
      if (request.signal.aborted) return;
      const location = await new RtspSession(target, request, { clock, reading, lookup }).run();
      if (location === undefined) return;
      target = redirected(target, location);
    }
    throw new AppError('source-protocol', `${maskUrl(request.source.url)} redirects more than ${mostRedirects} times`);
  };
}

/** Credentials are for the server that they were configured for. */
function redirected(from: SourceUrl, location: string): SourceUrl {
  const next = parseSourceUrl(location, rtspPort);
  return { ...next, credentials: next.credentials ?? (next.host === from.host ? from.credentials : undefined) };
}

/** One connection. */
class RtspSession {
  readonly #target: SourceUrl;
  readonly #request: InputRequest;
  readonly #clock: Clock;
  readonly #reading: Reading;
  readonly #lookup: LookupFunction;
  readonly #deadline: Deadline;
  readonly #client: RtspClient;
  #socket: Socket | undefined;
  #cancelKeepAlive: () => void = () => {};
  #flows = false;
  #leaving = false;
  #redirect: string | undefined;
  #error: AppError | undefined;

  constructor(
    target: SourceUrl,
    request: InputRequest,
    { clock, reading, lookup }: { readonly clock: Clock; readonly reading: Reading; readonly lookup: LookupFunction },
  ) {
    this.#target = target;
    this.#request = request;
    this.#clock = clock;
    this.#reading = reading;
    this.#lookup = lookup;
    this.#deadline = new Deadline(clock, request.timeout);
    this.#client = new RtspClient(
      {
        url: target.bare,
        credentials: target.credentials,
        sink: request.sink,
        ssrc: randomBytes(4).readUInt32BE(),
        hash: hexHash,
        clientNonce,
      },
      {
        send: (bytes) => this.#socket?.write(bytes),
        step: () => this.#asked(),
        playing: () => this.#playing(),
        media: () => this.#media(),
        redirect: (url) => {
          this.#redirect = url;
          this.#socket?.destroy();
        },
      },
    );
  }

  /** Resolves when aborted, or with the URL that the source sends to. The connection is closed by then. */
  async run(): Promise<string | undefined> {
    const { signal } = this.#request;
    const leave = (): void => this.#leave();
    const giveUp = (): void => this.#fail(this.#deadline.signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    this.#deadline.signal.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#connect();
    } finally {
      signal.removeEventListener('abort', leave);
      this.#deadline.stop();
      this.#cancelKeepAlive();
    }
    if (signal.aborted) return undefined;
    if (this.#redirect !== undefined) return this.#redirect;
    throw this.#error ?? new AppError('source-closed', `${maskUrl(this.#request.source.url)} ended the connection`);
  }

  /** Resolves when the connection is closed, for whatever reason. */
  #connect(): Promise<void> {
    return new Promise((resolve) => {
      this.#step('source-unreachable', 'can not be connected to in time');
      const { host, port } = this.#target;
      const socket = connect({
        host,
        port,
        lookup: this.#lookup,
        noDelay: true,
        onread: {
          buffer: readBuffer,
          callback: (bytes) => {
            this.#reading.read();
            this.#received(readBuffer.subarray(0, bytes));
            return true;
          },
        },
      });
      this.#socket = socket;
      socket.once('connect', () => this.#client.start());
      socket.once('error', (error) => {
        this.#error ??= sourceError(error, this.#request.source.url);
      });
      socket.once('end', () => socket.destroy());
      socket.once('close', resolve);
    });
  }

  #received(bytes: Uint8Array): void {
    try {
      this.#client.push(bytes, this.#clock.monotonic());
    } catch (error) {
      // What is no AppError is a fault of this program; it may cost this input, but not all of its worker.
      this.#fail(error instanceof AppError ? error : new AppError('internal', 'reading RTSP failed', { cause: error }));
      return;
    }
    if (this.#leaving && this.#client.isTornDown) this.#socket?.destroy();
  }

  /** Once media flows, what a sign of life is answered can wait. */
  #asked(): void {
    if (!this.#flows || this.#leaving) this.#reading.asked();
    this.#step('source-unreachable', 'does not answer in time');
  }

  #step(code: 'source-unreachable' | 'source-stalled', what: string): void {
    if (!this.#flows) this.#deadline.begin(code, `${maskUrl(this.#request.source.url)} ${what}`);
  }

  #playing(): void {
    this.#step('source-stalled', 'plays, but sends nothing');
    this.#scheduleKeepAlive();
  }

  #media(): void {
    if (this.#flows) return;
    this.#flows = true;
    this.#deadline.stop();
  }

  #scheduleKeepAlive(): void {
    const due = after(this.#clock.monotonic(), this.#client.keepAliveEvery);
    this.#cancelKeepAlive = this.#clock.setTimer(due, () => {
      this.#client.keepAlive();
      this.#scheduleKeepAlive();
    });
  }

  /** Says good-bye, so that the source's slot is free at once. */
  #leave(): void {
    this.#leaving = true;
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.connecting || this.#error !== undefined) {
      socket.destroy();
      return;
    }
    this.#client.teardown();
    if (this.#client.isTornDown) {
      socket.destroy();
      return;
    }
    const cancel = this.#clock.setTimer(after(this.#clock.monotonic(), teardownWait), () => socket.destroy());
    socket.once('close', cancel);
  }

  #fail(error: AppError): void {
    this.#error ??= error;
    this.#socket?.destroy();
  }
}
