import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** The system's Python, where distributions put the bindings. */
const python = '/usr/bin/python3';
const probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";

/** Without GStreamer's RTSP server (Debian: gir1.2-gst-rtsp-server-1.0) these tests are skipped, visibly. */
export const gstRtspServerMissing = spawnSync(python, ['-c', probe]).status !== 0;

/** A third party's RTSP server that plays a clip once for each client. */
export class GstRtspServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: string;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#port = port;
  }

  /** `user`: user and password that it asks for. */
  static async start(clip: string, user: readonly string[] = []): Promise<GstRtspServer> {
    const script = 'test/support/gst-rtsp-server.py';
    const child = spawn(python, [script, clip, ...user], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [port] = await once(child.stdout, 'data');
    return new GstRtspServer(child, String(port).trim());
  }

  /** `user`: `user:password@` or nothing. */
  url(user = ''): string {
    return `rtsp://${user}127.0.0.1:${this.#port}/clip`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
