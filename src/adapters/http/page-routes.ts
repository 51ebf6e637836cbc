import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  hlsScriptPath,
  indexPage,
  playerScript,
  playerScriptPath,
  streamsScript,
  streamsScriptPath,
} from '../../delivery/pages.ts';
import { AppError } from '../../units/app-error.ts';
import type { StreamName } from '../../units/ids.ts';

/** Nothing on these pages comes from elsewhere but the media, whose pathways are the group's servers. */
const policy = "default-src 'self'; style-src 'unsafe-inline'; media-src * blob:; connect-src *; worker-src blob:";

/** `/` and the scripts of the player. `streams`: in the order of the file. */
export function registerPageRoutes(app: FastifyInstance, streams: () => readonly StreamName[]): void {
  // Browsers ask for it on their own; there is none.
  app.get('/favicon.ico', (_request, reply) => reply.code(204).header('cache-control', 'max-age=86400').send());
  app.get('/', (_request, reply) => sendPage(reply, indexPage(streams())));
  app.get(streamsScriptPath, (_request, reply) => sendScript(reply, streamsScript));
  app.get(playerScriptPath, (_request, reply) => sendScript(reply, playerScript));
  app.get(hlsScriptPath, async (_request, reply) => sendScript(reply, await hlsScript()));
}

export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .header('content-security-policy', policy)
    .send(html);
}

function sendScript(reply: FastifyReply, script: string): FastifyReply {
  return reply
    .header('content-type', 'text/javascript; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(script);
}

/** hls.js is no dependency of the server: without it browsers that play HLS themselves still do. */
async function hlsScript(): Promise<string> {
  try {
    return await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
  } catch (cause) {
    throw new AppError('not-found', 'hls.js is not installed beside this program', { cause });
  }
}
