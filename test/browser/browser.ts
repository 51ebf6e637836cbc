import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Without a browser these tests are skipped, visibly; CI installs one and fails instead. */
export const browserMissing = browserPath === undefined;

export type PlayerName = 'hlsjs' | 'videojs';

export interface ViewerReport {
  readonly started: boolean;
  readonly stalls: readonly { readonly at: number; readonly position: number; readonly ms: number }[];
  readonly frames: readonly { readonly at: number; readonly mediaTime: number; readonly number: number | null }[];
  readonly errors: readonly string[];
  readonly fatal: boolean;
}

const files: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  '/': { path: 'test/browser/player.html', type: 'text/html' },
  '/player.js': { path: 'test/browser/player.js', type: 'text/javascript' },
  '/hls.js': { path: 'node_modules/hls.js/dist/hls.min.js', type: 'text/javascript' },
  '/video.js': { path: 'node_modules/video.js/dist/video.min.js', type: 'text/javascript' },
  '/video-js.css': { path: 'node_modules/video.js/dist/video-js.min.css', type: 'text/css' },
};

/** Headless Chromium with a page of each player; the page has an origin of its own, so that CORS is tested too. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #server: Server;
  readonly #profile: string;

  private constructor(context: BrowserContext, server: Server, profile: string) {
    this.#context = context;
    this.#server = server;
    this.#profile = profile;
  }

  static async open(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'headwater-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browserPath ?? 'chromium',
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
    return new Browser(context, await servePages(), profile);
  }

  async watch(player: PlayerName, url: string): Promise<Viewer> {
    const page = await this.#context.newPage();
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await page.goto(`http://127.0.0.1:${port}/?player=${player}&url=${encodeURIComponent(url)}`);
    return new Viewer(page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** One player in one tab. */
export class Viewer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  report(): Promise<ViewerReport> {
    return this.#page.evaluate('window.report');
  }

  /** Resolves when the picture moves; fails with what the player complained of. */
  async playing(): Promise<void> {
    try {
      await this.#page.waitForFunction('window.report?.started', undefined, { timeout: 20_000 });
    } catch (cause) {
      throw new Error(`the player did not start: ${(await this.report()).errors.join('; ')}`, { cause });
    }
  }

  /** Resolves when the picture has moved on by this many seconds of video from now. */
  async playsOn(seconds: number, withinMs: number): Promise<void> {
    const from = await this.#page.evaluate<number>('document.querySelector("video").currentTime');
    await this.#page.waitForFunction(`document.querySelector("video").currentTime >= ${from + seconds}`, undefined, {
      timeout: withinMs,
    });
  }

  screenshot(path: string): Promise<Uint8Array> {
    return this.#page.screenshot({ path });
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

async function servePages(): Promise<Server> {
  const server = createServer((request, response) => {
    const file = files[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    readFile(join(root, file.path)).then(
      (body) => response.writeHead(200, { 'content-type': file.type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}
