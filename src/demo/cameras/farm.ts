import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { assert } from '../../units/assert.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Millis, millis } from '../../units/time.ts';
import type { Behaviour, Control } from './behaviour.ts';
import { Camera } from './camera.ts';
import { type ConnectionCount, type ConnectionEvent, ConnectionLog } from './connection-log.ts';
import { controlServer } from './control-server.ts';
import { cameraHttpServer } from './http-server.ts';
import { Listener } from './listener.ts';
import type { Reel } from './reel.ts';
import { tsReel } from './ts-reel.ts';

export interface CameraSpec {
  readonly name: string;
  /** Path of a transport stream; cameras of one clip share its bytes in memory. */
  readonly clip: string;
  readonly protocol: 'rtsp' | 'mpegts-http';
  /** A port of its own: then a dead camera refuses connections as a dead device does. Else it shares its protocol's port. */
  readonly port?: number;
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
  readonly reel: Reel;
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
    const reels = new ReelLibrary();
    for (const spec of options.cameras) {
      this.#members.set(spec.name, { spec, camera: this.#camera(spec), reel: reels.reel(spec) });
    }
  }

  async open(): Promise<void> {
    const { rtspPort = 0, httpPort = 0, controlPort, cameras } = this.#options;
    for (const protocol of ['rtsp', 'mpegts-http'] as const) {
      if (!cameras.some((spec) => spec.protocol === protocol && spec.port === undefined)) continue;
      const server = (): Server => serverFor(protocol, (name) => this.#sharedMember(name, protocol));
      const port = protocol === 'rtsp' ? rtspPort : httpPort;
      this.#shared.set(protocol, await Listener.open(server, port, this.#host));
    }
    for (const { spec, camera, reel } of this.#members.values()) {
      if (spec.port === undefined) continue;
      const server = (): Server =>
        serverFor(spec.protocol, (name) => (name === spec.name ? { camera, reel } : undefined));
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

function serverFor(
  protocol: CameraSpec['protocol'],
  find: (name: string) => Pick<Member, 'camera' | 'reel'> | undefined,
): Server {
  assert(protocol === 'mpegts-http', 'RTSP is served');
  return cameraHttpServer(find);
}

/** Cameras of one clip share its bytes. */
class ReelLibrary {
  readonly #reels = new Map<string, Reel>();

  reel(spec: CameraSpec): Reel {
    const key = `${spec.protocol} ${spec.clip}`;
    const reel = this.#reels.get(key) ?? tsReel(readFileSync(spec.clip));
    this.#reels.set(key, reel);
    return reel;
  }
}

/** FNV-1a: cameras differ in time and timestamps, the same in every run. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
