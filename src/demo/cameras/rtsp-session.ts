import { randomBytes } from 'node:crypto';
import { buildSenderReport } from '../../media/rtp/rtcp.ts';
import {
  header,
  headersOf,
  interleavedHeaderBytes,
  noBody,
  type RtspRequest,
  serializeMessage,
  writeInterleavedHeader,
} from '../../media/rtsp/message.ts';
import { parseTransportChannel } from '../../media/rtsp/session-header.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Instant, instant, type Millis, millis } from '../../units/time.ts';
import type { Viewer, Visit } from './camera.ts';
import type { RtpTrack } from './rtp-reel.ts';
import { RtspGuard } from './rtsp-auth.ts';
import { describeReel } from './rtsp-sdp.ts';
import type { RtspCamera } from './rtsp-server.ts';

/** How often a sender reports. */
const reportEvery: Millis = millis(5_000);
const methods = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN';

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Moved Temporarily',
  401: 'Unauthorized',
  404: 'Not Found',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
};

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

interface Connection extends Viewer {
  /** Closes when what was written has been sent. */
  end(): void;
}

/** One RTSP connection to the farm, from the camera's side. */
export class RtspSession {
  readonly #find: (name: string) => RtspCamera | undefined;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #guard = new RtspGuard();
  readonly #id = randomBytes(4).toString('hex');
  #target: RtspCamera | undefined;
  #visit: Visit | undefined;
  /** The client's channel of each track that was set up. */
  readonly #channels = new Map<RtpTrack, number>();
  #nextReport: Instant = instant(0);
  #cancelTimeout: () => void = () => {};

  constructor(find: (name: string) => RtspCamera | undefined, clock: Clock, connection: Connection) {
    this.#find = find;
    this.#clock = clock;
    this.#connection = connection;
  }

  request(request: RtspRequest): void {
    const answer = this.#answer(request);
    if (answer === undefined) {
      this.#connection.drop();
      return;
    }
    this.#reply(request, answer);
    if (answer.status !== 200) return;
    if (this.#channels.size > 0) this.#restartTimeout();
    if (request.method === 'PLAY') this.#visit?.play();
    if (request.method === 'TEARDOWN') this.#leave('the client said good-bye', () => this.#connection.end());
  }

  /** The connection is closed. */
  gone(): void {
    this.#leave('the client left', () => {});
  }

  /** `undefined`: no answer, the connection is cut. */
  #answer(request: RtspRequest): Answer | undefined {
    if (request.method === 'OPTIONS') return { status: 200, headers: { public: methods } };
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return refusal;
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request);
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return { status: this.#channels.size > 0 ? 200 : 455, headers: { range: 'npt=now-' } };
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
      case 'TEARDOWN':
        return { status: this.#channels.size > 0 ? 200 : 454 };
      default:
        return { status: 501 };
    }
  }

  #refusal(request: RtspRequest): Answer | undefined {
    const name = cameraName(request.uri);
    this.#target ??= this.#find(name);
    if (this.#target?.camera.name !== name) return { status: 404 };
    const { credentials, auth, redirect } = this.#target.camera.behaviour;
    if (redirect !== null) return { status: 302, headers: { location: redirect } };
    if (credentials === null || this.#guard.allows(request, credentials, auth)) return undefined;
    return { status: 401, headers: { 'www-authenticate': this.#guard.challenge(auth) } };
  }

  #describe(request: RtspRequest): Answer | undefined {
    const target = this.#target;
    if (target === undefined) return { status: 404 };
    const refused = this.#enter(target);
    if (refused !== undefined) return refused === 'cut' ? undefined : refused;
    const { sdpParameterSets: parameterSets } = target.camera.behaviour;
    const body = new TextEncoder().encode(describeReel(target.clip, target.reel, { parameterSets }));
    return { status: 200, headers: { 'content-type': 'application/sdp', 'content-base': `${request.uri}/` }, body };
  }

  /** From here on the connection holds one of the camera's slots. */
  #enter({ camera, reel }: RtspCamera): Answer | 'cut' | undefined {
    if (this.#visit !== undefined) return undefined;
    this.#visit = camera.enter(this.#viewer(), reel);
    if (this.#visit !== undefined) return undefined;
    return camera.behaviour.state === 'dead' ? 'cut' : { status: 453 };
  }

  #setUp(request: RtspRequest): Answer | undefined {
    const track = this.#target?.reel.tracks[Number(/trackID=(\d+)/.exec(request.uri)?.[1] ?? Number.NaN)];
    if (track === undefined || this.#target === undefined) return { status: 404 };
    const transport = header(request, 'transport') ?? '';
    if (!/RTP\/AVP\/TCP/.test(transport)) return { status: 461 };
    const refused = this.#enter(this.#target);
    if (refused !== undefined) return refused === 'cut' ? undefined : refused;
    const channel = parseTransportChannel(transport) ?? track.channel;
    this.#channels.set(track, channel);
    const ssrc = track.ssrc.toString(16).padStart(8, '0');
    return {
      status: 200,
      headers: { transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1};ssrc=${ssrc}` },
    };
  }

  #reply(request: RtspRequest, { status, headers, body }: Answer): void {
    const timeout = this.#target?.camera.behaviour.sessionTimeoutSeconds;
    const session = this.#channels.size > 0 ? `${this.#id};timeout=${timeout}` : undefined;
    this.#connection.write(
      serializeMessage({
        kind: 'response',
        status,
        reason: reasons[status] ?? '',
        headers: headersOf({ cseq: header(request, 'cseq'), session, ...headers }),
        body: body ?? noBody,
      }),
    );
  }

  #viewer(): Viewer {
    const connection = this.#connection;
    return {
      write: (bytes) => this.#send(bytes),
      get unsent() {
        return connection.unsent;
      },
      drop: () => connection.drop(),
    };
  }

  #send(bytes: Uint8Array): void {
    const now = this.#clock.monotonic();
    if (now >= this.#nextReport) {
      this.#nextReport = after(now, reportEvery);
      this.#report();
    }
    const usual = this.#target?.reel.tracks.every((track) => this.#channels.get(track) === track.channel);
    this.#connection.write(usual ? bytes : this.#rerouted(bytes));
  }

  #report(): void {
    if (this.#target === undefined) return;
    const { camera, reel } = this.#target;
    for (const [track, channel] of this.#channels) {
      const timestamp = reel.timestampAt(track, camera.elapsed(), camera.shift90k);
      const report = buildSenderReport({ ssrc: track.ssrc, at: this.#clock.wall(), timestamp, packets: 0, bytes: 0 });
      const framed = new Uint8Array(interleavedHeaderBytes + report.length);
      writeInterleavedHeader(framed, 0, channel + 1, report.length);
      framed.set(report, interleavedHeaderBytes);
      this.#connection.write(framed);
    }
  }

  /** Packets on the channels that this client asked for; those of tracks that it did not set up are left out. */
  #rerouted(bytes: Uint8Array): Uint8Array {
    const byChannel = new Map([...this.#channels].map(([track, channel]) => [track.channel, channel]));
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + interleavedHeaderBytes + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
      const channel = byChannel.get(bytes[at + 1] ?? 0);
      if (channel !== undefined) parts.push(Uint8Array.of(0x24, channel), bytes.subarray(at + 2, end));
      at = end;
    }
    return Buffer.concat(parts);
  }

  #restartTimeout(): void {
    this.#cancelTimeout();
    const seconds = this.#target?.camera.behaviour.sessionTimeoutSeconds ?? 60;
    this.#cancelTimeout = this.#clock.setTimer(after(this.#clock.monotonic(), millis(seconds * 1000)), () =>
      this.#leave('no sign of life', () => this.#connection.drop()),
    );
  }

  #leave(why: string, then: () => void): void {
    this.#cancelTimeout();
    this.#visit?.leave(why);
    this.#visit = undefined;
    then();
  }
}

function cameraName(uri: string): string {
  const path = uri.replace(/^rtsp:\/\/[^/]*\/?/, '').replace(/[?].*$/, '');
  return decodeURIComponent(path.replace(/\/?(trackID=\d+)?\/?$/, ''));
}
