import { setMaxListeners } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { PollFailure } from '../../cluster/step/event.ts';
import type { Lane, PeerHttp, PeerOutcome, PeerPost } from '../../group/peer-http.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Instant } from '../../units/time.ts';

/** One exchange at a time, and its repetition; live windows wait at a peer one a viewed stream. Beyond it, requests queue. */
const maxConnections: Readonly<Record<Lane, number>> = { exchange: 4, media: 2048 };

/** Idle connections that are kept for the next request to a peer. */
const maxIdlePerPeer = 8;

/** HTTP to the peers over kept-alive connections, a pool for each address and lane. */
export function createPeerHttp(clock: Clock, lookup: LookupFunction): PeerHttp & { close(): void } {
  const agents = new Map<string, Agent>();
  return {
    post(post) {
      if (post.connection === 'once') return send(post, new Agent({ keepAlive: false, lookup }), clock);
      const key = `${post.address.host}:${post.address.port} ${post.lane}`;
      if (post.connection === 'new') retire(agents, key);
      const agent = agents.get(key) ?? newAgent(post.lane, lookup);
      agents.set(key, agent);
      return send(post, agent, clock);
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function newAgent(lane: Lane, lookup: LookupFunction): Agent {
  return new Agent({ keepAlive: true, lookup, maxSockets: maxConnections[lane], maxFreeSockets: maxIdlePerPeer });
}

/** No later request uses the old connections; those that still carry one end with it. */
function retire(agents: Map<string, Agent>, key: string): void {
  const old = agents.get(key);
  if (old === undefined) return;
  agents.delete(key);
  for (const idle of Object.values(old.freeSockets).flat()) idle?.destroy();
  old.maxFreeSockets = 0;
}

function send(post: PeerPost, agent: Agent, clock: Clock): Promise<PeerOutcome> {
  return new Promise((resolve) => {
    if (post.signal.aborted) {
      resolve({ ok: false, reason: 'timeout' });
      return;
    }
    let sentAt = clock.monotonic();
    const request = httpRequest({
      agent,
      // An IPv6 address stands in brackets in the configuration, as in a URL.
      host: post.address.host.replace(/^\[|\]$/g, ''),
      port: post.address.port,
      path: post.path,
      method: 'POST',
      headers: { ...post.headers, 'content-length': post.body.length },
    });
    const finish = (outcome: PeerOutcome): void => {
      cancelTimer();
      post.signal.removeEventListener('abort', giveUp);
      resolve(outcome);
    };
    const giveUp = (): void => {
      finish({ ok: false, reason: 'timeout' });
      request.destroy();
    };
    // One signal may end the requests to all peers.
    setMaxListeners(0, post.signal);
    const cancelTimer = clock.setTimer(after(clock.monotonic(), post.within), giveUp);
    post.signal.addEventListener('abort', giveUp, { once: true });
    request.once('socket', (socket) => socket.setNoDelay(true));
    request.once('finish', () => {
      sentAt = clock.monotonic();
    });
    request.once('error', (error) => finish({ ok: false, reason: failureOf(error) }));
    request.once('response', (response) => {
      const answeredAt = clock.monotonic();
      collect(response, post.maxAnswerBytes, (body) =>
        finish(body === undefined ? { ok: false, reason: 'reset' } : answer(response, body, { sentAt, answeredAt })),
      );
    });
    request.end(post.body);
  });
}

/** The whole body, or undefined when it breaks off or is longer than `max`. */
function collect(response: IncomingMessage, max: number, done: (body: Uint8Array | undefined) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length > max) response.destroy();
  });
  response.once('end', () => done(Buffer.concat(chunks)));
  response.once('close', () => done(undefined));
  response.once('error', () => done(undefined));
}

function answer(
  response: IncomingMessage,
  body: Uint8Array,
  times: { readonly sentAt: Instant; readonly answeredAt: Instant },
): PeerOutcome {
  const headers = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { ok: true, status: response.statusCode ?? 0, headers, body, ...times };
}

/** What the system's error says about the peer: only a refusal and a broken connection are evidence. */
function failureOf(error: Error): Exclude<PollFailure, 'rejected'> {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_')) return 'reset';
  if (code === 'ETIMEDOUT') return 'timeout';
  return 'unreachable';
}
