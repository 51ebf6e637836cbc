// RFC 2326: the client of one session over TCP, media interleaved.
//
//   const client = new RtspClient(options, { send, step, playing, redirect });
//   client.start();              sends the first request
//   client.push(bytes, now);     as they come; throws an AppError when the session can't go on
//   client.keepAlive();          every `keepAliveEvery` once playing
//   client.teardown();           then wait for `isTornDown`, or don't
import { AppError } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { type Instant, instant, type Millis, millis } from '../../units/time.ts';
import type { MediaSink, UnsupportedTrack } from '../track.ts';
import {
  header,
  headersOf,
  interleavedHeaderBytes,
  noBody,
  type RtspMessage,
  type RtspRequest,
  type RtspResponse,
  serializeMessage,
  writeInterleavedHeader,
} from './message.ts';
import { RtspParser, RtspSyntaxError } from './parser.ts';
import { RequestSigner, type SignerOptions } from './request-signer.ts';
import { controlUrl, parseSdp } from './sdp.ts';
import { parseSession, parseTransportChannel } from './session-header.ts';
import { type OpenTrack, SessionMedia, TrackChoice } from './session-media.ts';
import { statusError } from './status-error.ts';

export interface RtspClientOptions extends SignerOptions {
  /** Without credentials. */
  readonly url: string;
  readonly sink: MediaSink;
  /** Of this receiver. */
  readonly ssrc: number;
}

export interface RtspClientOutput {
  send(bytes: Uint8Array): void;
  /** A request was sent whose answer the session waits for. */
  step(): void;
  /** The server agreed to play; media may have come already. */
  playing(): void;
  media(): void;
  /** The server sends the client elsewhere; the session is over. */
  redirect(url: string): void;
}

/** RFC 2326 clause 12.37: what a server that says nothing waits for. */
const usualTimeoutSeconds = 60;
/** Some servers count from the last answer, and networks lose a request now and then: two fit into the time-out. */
const keepAliveShare = 0.4;
const longestKeepAlive: Millis = millis(30_000);
const userAgent = 'headwater';

interface Pending {
  readonly request: RtspRequest;
  readonly then: (response: RtspResponse) => void;
  /** Its failure ends nothing. */
  readonly optional: boolean;
}

export class RtspClient {
  readonly #options: RtspClientOptions;
  readonly #output: RtspClientOutput;
  readonly #signer: RequestSigner;
  readonly #media: SessionMedia;
  readonly #parser: RtspParser;
  #now: Instant = instant(0);
  #sequence = 0;
  #pending: Pending | undefined;
  #canGetParameter = false;
  #session: string | undefined;
  #timeoutSeconds = usualTimeoutSeconds;
  /** What PLAY, keep-alive and TEARDOWN name. */
  #aggregateUrl: string;
  #tornDown = false;
  #leaving = false;
  #inStray = false;

  constructor(options: RtspClientOptions, output: RtspClientOutput) {
    this.#options = options;
    this.#output = output;
    this.#aggregateUrl = options.url;
    this.#signer = new RequestSigner(options);
    this.#media = new SessionMedia(options.sink, options.ssrc);
    this.#parser = new RtspParser({
      message: (message) => this.#message(message),
      data: (channel, bytes, from, to) => this.#data(channel, bytes, from, to),
      stray: () => this.#stray(),
    });
  }

  /** How often `keepAlive` is due. */
  get keepAliveEvery(): Millis {
    return millis(Math.min(longestKeepAlive, this.#timeoutSeconds * 1000 * keepAliveShare));
  }

  /** The server has confirmed the end. */
  get isTornDown(): boolean {
    return this.#tornDown;
  }

  start(): void {
    this.#ask(
      'OPTIONS',
      this.#options.url,
      {},
      (response) => {
        this.#canGetParameter = /GET_PARAMETER/i.test(header(response, 'public') ?? '');
        this.#describe();
      },
      true,
    );
  }

  push(bytes: Uint8Array, now: Instant): void {
    this.#now = now;
    try {
      this.#parser.push(bytes);
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      throw this.#error('source-protocol', error.message);
    }
  }

  keepAlive(): void {
    const method = this.#canGetParameter ? 'GET_PARAMETER' : 'OPTIONS';
    this.#ask(method, this.#aggregateUrl, {}, ({ status }) => this.#keptAlive(status), true);
  }

  /** Nothing is delivered any more from here on. */
  teardown(): void {
    this.#leaving = true;
    if (this.#session === undefined) {
      this.#tornDown = true;
      return;
    }
    this.#pending = undefined;
    this.#ask(
      'TEARDOWN',
      this.#aggregateUrl,
      {},
      () => {
        this.#tornDown = true;
      },
      true,
    );
  }

  #keptAlive(status: number): void {
    if (status === 454) throw this.#error('source-closed', 'the source has forgotten the session');
    if (status >= 400) this.#canGetParameter = false;
  }

  #describe(): void {
    this.#ask('DESCRIBE', this.#options.url, { accept: 'application/sdp' }, (response) => {
      const description = parseSdp(new TextDecoder().decode(response.body));
      if (description === undefined) throw this.#error('source-protocol', 'describes itself in no SDP');
      const base = header(response, 'content-base') ?? header(response, 'content-location') ?? this.#options.url;
      const choice = new TrackChoice(description.tracks);
      if (choice.wanted.length === 0) throw this.#error('source-unsupported', noTrack(choice.unsupported));
      this.#aggregateUrl = controlUrl(base.trim(), description.control);
      this.#setUp(choice, base.trim(), 0, []);
    });
  }

  /** One track after the other; all of them are in one session. Sound that is refused is done without. */
  #setUp(choice: TrackChoice, base: string, index: number, done: readonly OpenTrack[]): void {
    const track = choice.wanted[index];
    if (track === undefined) {
      this.#media.open(done, choice.unsupported);
      this.#play();
      return;
    }
    const transport = `RTP/AVP/TCP;unicast;interleaved=${2 * index}-${2 * index + 1}`;
    const canDoWithout = track.kind === 'audio' && choice.wanted.length > 1;
    const then = (response: RtspResponse): void => {
      const opened = response.status === 200 ? [...done, { track, channel: this.#opened(response, 2 * index) }] : done;
      this.#setUp(choice, base, index + 1, opened);
    };
    this.#ask('SETUP', controlUrl(base, track.sdp.control), { transport }, then, canDoWithout);
  }

  /** Takes in what SETUP agreed on; returns the track's channel. */
  #opened(response: RtspResponse, wanted: number): number {
    const session = parseSession(header(response, 'session'));
    this.#session = session.id ?? this.#session;
    this.#timeoutSeconds = session.timeoutSeconds ?? this.#timeoutSeconds;
    return parseTransportChannel(header(response, 'transport')) ?? wanted;
  }

  #play(): void {
    this.#ask('PLAY', this.#aggregateUrl, { range: 'npt=0.000-' }, () => this.#output.playing());
  }

  #ask(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>>,
    then: Pending['then'],
    optional = false,
  ): void {
    const request: RtspRequest = {
      kind: 'request',
      method,
      uri,
      headers: headersOf({ ...headers, session: this.#session, 'user-agent': userAgent }),
      body: noBody,
    };
    this.#send({ request, then, optional });
  }

  #send(pending: Pending): void {
    const { request } = pending;
    this.#pending = pending;
    this.#sequence++;
    const extra = { cseq: String(this.#sequence), authorization: this.#signer.sign(request.method, request.uri) };
    const headers = new Map([...headersOf(extra), ...request.headers]);
    this.#output.send(serializeMessage({ ...request, headers }));
    this.#output.step();
  }

  #message(message: RtspMessage): void {
    this.#inStray = false;
    if (message.kind === 'request') this.#answer(message);
    else this.#response(message);
  }

  #response(response: RtspResponse): void {
    const pending = this.#pending;
    // Devices count wrongly, but answer one after the other; only an older number is an answer that is late.
    const sequence = Number(header(response, 'cseq') ?? this.#sequence);
    if (pending === undefined || sequence < this.#sequence) return;
    this.#pending = undefined;
    if (response.status === 401 && this.#signer.challenged(response)) {
      this.#send(pending);
      return;
    }
    if (response.status !== 401) this.#signer.accepted();
    const location = header(response, 'location');
    if (response.status >= 300 && response.status < 400 && location !== undefined) {
      this.#output.redirect(location);
      return;
    }
    const error = statusError(response.status, this.#options.url);
    if (error !== undefined && (!pending.optional || response.status === 401)) throw error;
    pending.then(response);
  }

  /** Servers ask too: for a sign of life, or to go elsewhere. */
  #answer(request: RtspRequest): void {
    const cseq = header(request, 'cseq');
    const headers = headersOf({ cseq, session: this.#session });
    this.#output.send(serializeMessage({ kind: 'response', status: 200, reason: 'OK', headers, body: noBody }));
    const location = header(request, 'location');
    if (request.method === 'REDIRECT' && location !== undefined) this.#output.redirect(location);
    if (request.method === 'TEARDOWN') throw this.#error('source-closed', 'ended the session');
  }

  /** Once for all stray bytes in a row. */
  #stray(): void {
    if (!this.#inStray) this.#options.sink.damage({ kind: 'sync-lost', detail: 'bytes that belong to no frame' });
    this.#inStray = true;
  }

  #data(channel: number, bytes: Uint8Array, from: number, to: number): void {
    this.#inStray = false;
    if (this.#leaving) return;
    this.#output.media();
    const report = this.#media.data(channel, bytes, from, to, this.#now);
    if (report === undefined) return;
    const framed = new Uint8Array(interleavedHeaderBytes + report.length);
    writeInterleavedHeader(framed, 0, channel, report.length);
    framed.set(report, interleavedHeaderBytes);
    this.#output.send(framed);
  }

  #error(code: 'source-protocol' | 'source-unsupported' | 'source-closed', what: string): AppError {
    return new AppError(code, `${maskUrl(this.#options.url)} ${what}`);
  }
}

function noTrack(unsupported: readonly UnsupportedTrack[]): string {
  const codecs = unsupported.map(({ codec }) => codec);
  return codecs.length === 0 ? 'has no tracks' : `has ${codecs.join(', ')} only`;
}
