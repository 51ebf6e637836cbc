import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { assert } from '../../units/assert.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Millis, millis } from '../../units/time.ts';
import type { Behaviour, Control } from './behaviour.ts';
import { Camera } from './camera.ts';
import { type Clip, grownClip, readClip } from './clip.ts';
import { type ConnectionCount, type ConnectionEvent, ConnectionLog } from './connection-log.ts';
import { controlServer } from './control-server.ts';
import { cameraHttpServer } from './http-server.ts';
import { Listener } from './listener.ts';
import type { Reel } from './reel.ts';
import { type RtpReel, rtpReel } from './rtp-reel.ts';
import { cameraRtspServer } from './rtsp-server.ts';
import { tsReel } from './ts-reel.ts';

export interface CameraSpec {
  readonly name: string;
  /** Path of a transport stream; cameras of one clip share its bytes in memory. */
  readonly clip: string;
  readonly protocol: 'rtsp' | 'mpegts-http';
  /** A port of its own: then a dead camera refuses connections as a dead device does. Else it shares its protocol's port. */
  readonly port?: number;
  /** RTSP only: its pictures are grown to this rate, for measuring. */
  readonly bitsPerSecond?: number;
  readonly behaviour?: Partial<Behaviour>;
}

export interface FarmOptions {
  readonly cameras: readonly CameraSpec[];
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly rtspPort?: number;
  readonly httpPort?: number;
  /** Absent: no remote control. */
  readonly controlPort?: number;
  readonly host?: string;
  readonly onEvent?: (event: ConnectionEvent) => void;
}

/** Sends are gathered over this time: a quarter of a frame at 25 fps. */
const tickEvery: Millis = millis(10);

/** N cameras of one process. Everything about them can be asked and changed while they run. */
export interface CameraFarm extends AsyncDisposable {
  url(name: string): string;
  readonly controlUrl: string | undefined;
  control(name: string, control: Control): Promise<void>;
  connections(name: string): ConnectionCount;
  /** Not older than this, in milliseconds since 1970. */
  history(sinceMs?: number): readonly ConnectionEvent[];
  forget(): void;
  close(): Promise<void>;
}

/** Starts the cameras and resolves when all ports listen. */
export async function startCameras(options: FarmOptions): Promise<CameraFarm> {
  const farm = new Farm(options);
  await farm.open();
  return farm;
}

interface Member {
  readonly spec: CameraSpec;
  readonly camera: Camera;
  readonly media: Media;
}

class Farm implements CameraFarm {
  readonly #options: FarmOptions;
  readonly #host: string;
  readonly #log: ConnectionLog;
  readonly #members = new Map<string, Member>();
  readonly #own = new Map<string, Listener>();
  readonly #shared = new Map<CameraSpec['protocol'], Listener>();
  #control: Listener | undefined;
  #cancelTick: () => void = () => {};

  constructor(options: FarmOptions) {
    this.#options = options;
    this.#host = options.host ?? '127.0.0.1';
    this.#log = new ConnectionLog(() => options.clock.wall(), options.onEvent);
    const library = new ClipLibrary();
    for (const spec of options.cameras) {
      this.#members.set(spec.name, { spec, camera: this.#camera(spec), media: library.media(spec) });
    }
  }

  async open(): Promise<void> {
    const { rtspPort = 0, httpPort = 0, controlPort, cameras } = this.#options;
    for (const protocol of ['rtsp', 'mpegts-http'] as const) {
      if (!cameras.some((spec) => spec.protocol === protocol && spec.port === undefined)) continue;
      const server = (): Server => this.#server(protocol, (name) => this.#sharedMember(name, protocol));
      const port = protocol === 'rtsp' ? rtspPort : httpPort;
      this.#shared.set(protocol, await Listener.open(server, port, this.#host));
    }
    for (const member of this.#members.values()) {
      const { spec, camera } = member;
      if (spec.port === undefined) continue;
      const server = (): Server => this.#server(spec.protocol, (name) => (name === spec.name ? member : undefined));
      const listener = await Listener.open(server, spec.port, this.#host);
      this.#own.set(spec.name, listener);
      if (camera.behaviour.state === 'dead') listener.shut();
    }
    if (controlPort !== undefined) this.#control = await this.#openControl(controlPort);
    this.#scheduleTick();
  }

  get controlUrl(): string | undefined {
    return this.#control === undefined ? undefined : `http://${this.#host}:${this.#control.port}`;
  }

  url(name: string): string {
    const { spec } = this.#member(name);
    const listener = this.#own.get(name) ?? this.#shared.get(spec.protocol);
    return `${spec.protocol === 'rtsp' ? 'rtsp' : 'http'}://${this.#host}:${listener?.port ?? 0}/${name}`;
  }

  async control(name: string, control: Control): Promise<void> {
    const { camera } = this.#member(name);
    const listener = this.#own.get(name);
    if (control.state === 'dead') listener?.shut();
    camera.control(control);
    if (control.state !== undefined && control.state !== 'dead') await listener?.reopen();
  }

  connections(name: string): ConnectionCount {
    return this.#log.count(name);
  }

  history(sinceMs?: number): readonly ConnectionEvent[] {
    return this.#log.history(sinceMs);
  }

  forget(): void {
    this.#log.forget();
  }

  async close(): Promise<void> {
    this.#cancelTick();
    for (const listener of [...this.#own.values(), ...this.#shared.values()]) listener.shut();
    this.#control?.shut();
    for (const { camera } of this.#members.values()) camera.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #server(protocol: CameraSpec['protocol'], find: (name: string) => Member | undefined): Server {
    if (protocol === 'mpegts-http') {
      return cameraHttpServer((name) => {
        const member = find(name);
        return member && { camera: member.camera, reel: member.media.reel };
      });
    }
    return cameraRtspServer((name) => {
      const { camera, media } = find(name) ?? {};
      return camera !== undefined && media?.protocol === 'rtsp' ? { camera, ...media } : undefined;
    }, this.#options.clock);
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    assert(member !== undefined, `there is a camera ${name}`);
    return member;
  }

  #sharedMember(name: string, protocol: CameraSpec['protocol']): Member | undefined {
    const member = this.#members.get(name);
    return member?.spec.protocol === protocol && member.spec.port === undefined ? member : undefined;
  }

  #camera(spec: CameraSpec): Camera {
    const { clock } = this.#options;
    const seed = hash(spec.name);
    return new Camera({
      name: spec.name,
      clock,
      log: this.#log,
      epoch: after(clock.monotonic(), millis(-(seed % 36_000))),
      shift90k: (seed * 977) % 2 ** 33,
      ...(spec.behaviour === undefined ? {} : { behaviour: spec.behaviour }),
    });
  }

  #openControl(port: number): Promise<Listener> {
    const farm = {
      names: [...this.#members.keys()],
      behaviour: (name: string) => this.#members.get(name)?.camera.behaviour,
      control: (name: string, control: Control) => this.control(name, control),
      log: this.#log,
    };
    return Listener.open(() => controlServer(farm), port, this.#host);
  }

  #scheduleTick(): void {
    const { clock } = this.#options;
    this.#cancelTick = clock.setTimer(after(clock.monotonic(), tickEvery), () => {
      for (const { camera } of this.#members.values()) camera.tick();
      this.#scheduleTick();
    });
  }
}

/** What a camera sends, in its protocol. */
type Media =
  | { readonly protocol: 'mpegts-http'; readonly reel: Reel }
  | { readonly protocol: 'rtsp'; readonly reel: RtpReel; readonly clip: Clip };

/** Cameras of one clip share its bytes. */
class ClipLibrary {
  readonly #media = new Map<string, Media>();

  media(spec: CameraSpec): Media {
    const key = `${spec.protocol} ${spec.bitsPerSecond} ${spec.clip}`;
    const media = this.#media.get(key) ?? makeMedia(spec);
    this.#media.set(key, media);
    return media;
  }
}

function makeMedia({ clip: path, protocol, bitsPerSecond }: CameraSpec): Media {
  const bytes = new Uint8Array(readFileSync(path));
  if (protocol === 'mpegts-http') return { protocol, reel: tsReel(bytes) };
  const clip = bitsPerSecond === undefined ? readClip(bytes) : grownClip(readClip(bytes), bitsPerSecond);
  return { protocol, reel: rtpReel(clip), clip };
}

/** FNV-1a: cameras differ in time and timestamps, the same in every run. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
