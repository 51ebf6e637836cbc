import { createWriteStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser as Chromium, chromium, type Page, type Request } from 'playwright-core';
import { hangs } from '../support/hangs.ts';
import { missing } from '../support/missing.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

export const browserMissing = missing('Chromium', browserPath !== undefined);

export type PlayerName = 'hlsjs' | 'videojs';

export interface ViewerReport {
  readonly started: boolean;
  /** `at` in milliseconds since 1970, here and below. */
  readonly stalls: readonly { readonly at: number; readonly position: number; readonly ms: number }[];
  /** The player left something out. */
  readonly seeks: readonly { readonly at: number; readonly to: number }[];
  readonly frames: readonly ShownFrame[];
  readonly errors: readonly { readonly at: number; readonly what: string }[];
  readonly fatal: boolean;
}

export interface ShownFrame {
  readonly at: number;
  /** On the player's timeline, seconds. */
  readonly mediaTime: number;
  /** In the clip; null where it can't be read. */
  readonly number: number | null;
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
  readonly #chromium: Chromium;
  readonly #server: Server;

  private constructor(chromium: Chromium, server: Server) {
    this.#chromium = chromium;
    this.#server = server;
  }

  static async open(): Promise<Browser> {
    const launched = await chromium.launch({
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
    return new Browser(launched, await servePages());
  }

  /** In a window of its own: hidden tabs show a frame a second. */
  async watch(player: PlayerName, url: string): Promise<Viewer> {
    const window = await this.#chromium.newContext();
    const page = await window.newPage();
    const viewer = new Viewer(player, page);
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const log = keepLog(page, player);
    await page.goto(`http://127.0.0.1:${port}/?player=${player}&url=${encodeURIComponent(url)}${log ? '&log' : ''}`);
    return viewer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium.close();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** One player in one tab. */
export class Viewer {
  readonly name: PlayerName;
  readonly #page: Page;
  readonly #downloads = new Set<Request>();

  constructor(name: PlayerName, page: Page) {
    this.name = name;
    this.#page = page;
    page.on('request', (request) => {
      if (request.url().includes('.m4s')) this.#downloads.add(request);
    });
    page.on('requestfinished', (request) => this.#downloads.delete(request));
    page.on('requestfailed', (request) => this.#downloads.delete(request));
  }

  report(): Promise<ViewerReport> {
    return this.#page.evaluate('window.report');
  }

  /** Resolves when the picture moves; fails with what the player complained of. */
  async playing(): Promise<void> {
    try {
      await this.#page.waitForFunction('window.report?.started', undefined, { timeout: hangs });
    } catch (cause) {
      throw new Error(`the player did not start: ${(await this.report()).errors.map(({ what }) => what).join('; ')}`, {
        cause,
      });
    }
  }

  /** Resolves when the picture has moved on by this many seconds of video from now. */
  async playsOn(seconds: number): Promise<void> {
    const from = await this.#page.evaluate<number>('document.querySelector("video").currentTime');
    await this.#page.waitForFunction(`document.querySelector("video").currentTime >= ${from + seconds}`, undefined, {
      timeout: hangs,
    });
  }

  /** Resolves when no segment is on its way to the player. */
  async idle(): Promise<void> {
    while (this.#downloads.size > 0) await this.#page.waitForEvent('requestfinished');
  }

  /** Resolves when some of a segment has come to the player, and the rest not yet. */
  async receiving(): Promise<void> {
    const response = await this.#page.waitForEvent('response', {
      predicate: (candidate) => candidate.url().includes('.m4s') && candidate.status() === 200,
    });
    if (!this.#downloads.has(response.request())) await this.receiving();
  }

  /** Resolves when the player has gone over a hole: since that moment, the picture went on so many seconds of video behind the one before. */
  async crossesHole(since: number, seconds: number): Promise<void> {
    const isHole = `(frame, i, all) => i > 0 && frame.at >= ${since} && frame.mediaTime - all[i - 1].mediaTime >= ${seconds}`;
    await this.#page.waitForFunction(`window.report.frames.some(${isHole})`, undefined, { timeout: hangs });
  }

  screenshot(path: string): Promise<Uint8Array> {
    return this.#page.screenshot({ path });
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

/** With PLAYER_LOG=FOLDER in the environment, each player's own words are kept there, for whoever wants to know why it stood still. */
function keepLog(page: Page, player: PlayerName): boolean {
  const { PLAYER_LOG } = process.env;
  if (PLAYER_LOG === undefined) return false;
  const file = createWriteStream(join(PLAYER_LOG, `${player}-${Date.now()}.log`));
  page.on('console', (message) => file.write(`${new Date().toISOString()} ${message.text()}\n`));
  return true;
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
