import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Behaviour, type Control, controlSchema } from './behaviour.ts';
import type { ConnectionLog } from './connection-log.ts';

/** A control message is a few settings. */
const largestBody = 64 * 1024;

/** What can be asked and changed from outside. */
export interface Controlled {
  readonly names: readonly string[];
  /** Undefined for a name that no camera has. */
  behaviour(name: string): Behaviour | undefined;
  control(name: string, control: Control): Promise<void>;
  readonly log: ConnectionLog;
}

/**
 * The farm's remote control, for tests whose cameras run in a process of their own. JSON in and out:
 * `GET /cameras`, `GET /connections`, `GET /history?since=MS`, `POST /forget`, `POST /cameras/NAME` with a `Control`.
 */
export function controlServer(farm: Controlled): Server {
  return createServer((request, response) => {
    answer(request, farm).then(
      (body) => reply(response, 200, body),
      (error: unknown) => reply(response, 400, { error: error instanceof Error ? error.message : 'bad request' }),
    );
  });
}

async function answer(request: IncomingMessage, farm: Controlled): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /cameras':
      return { cameras: Object.fromEntries(farm.names.map((name) => [name, shown(farm.behaviour(name))])) };
    case 'GET /connections':
      return { connections: Object.fromEntries(farm.names.map((name) => [name, farm.log.count(name)])) };
    case 'GET /history':
      return { history: farm.log.history(Number(url.searchParams.get('since') ?? 0)) };
    case 'POST /forget':
      farm.log.forget();
      return {};
  }
  const name = /^\/cameras\/(.+)$/.exec(url.pathname)?.[1];
  if (request.method !== 'POST' || name === undefined) throw new Error(`no ${request.method} ${url.pathname}`);
  return control(decodeURIComponent(name), await textOf(request), farm);
}

async function control(name: string, body: string, farm: Controlled): Promise<unknown> {
  if (farm.behaviour(name) === undefined) throw new Error(`no camera ${name}`);
  await farm.control(name, controlSchema.parse(JSON.parse(body)));
  return shown(farm.behaviour(name));
}

function shown(behaviour: Behaviour | undefined): object {
  if (behaviour === undefined) return {};
  const { credentials: _, ...rest } = behaviour;
  return rest;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > largestBody) throw new Error('the message is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
