import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { instant } from '../../units/time.ts';
import { type Message, parseMessage } from '../message/message.ts';
import type { Rebirth } from '../message/server-status.ts';
import type { ClusterConfig } from '../step/cluster-config.ts';
import type { Effect } from '../step/effect.ts';
import type { CaptureFact, Event, PollFailure } from '../step/event.ts';
import type { ClusterNotice } from '../step/notice.ts';
import type { ServerView, StreamView } from '../step/view.ts';
import { TestCameras } from './test-cameras.ts';
import { type GroupOptions, testConfig } from './test-config.ts';
import { type OpenPoll, TestServer } from './test-server.ts';

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** One way through the network. */
const hop = 1;

/** What the network does to a connection from one server to another. */
export type LinkState = 'up' | 'black-hole' | 'refuse';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A group of real cores over a network without delay to speak of and cameras that obey. Time moves by `run`. */
export class TestGroup {
  now = 0;
  config: ClusterConfig;
  readonly servers = new Map<ServerName, TestServer>();
  /** `from>to` → what happens to connections; absent: up. */
  readonly links = new Map<string, LinkState>();
  readonly cameras = new TestCameras({
    now: () => this.now,
    later: (span, run) => this.#later(span, run),
    tell: (server, stream, attempt, fact) => this.#step(server, { type: 'capture', stream, attempt, fact }),
    say: (line) => this.story.push(`${Math.round(this.now)} ${line}`),
    sourceTimeout: (name) => this.config.streams.find((one) => one.name === name)?.sourceTimeout ?? 10_000,
  });
  /** Every notice of every life, with its time. */
  readonly story: string[] = [];
  /** Milliseconds that a stream had no input with frames anywhere, since it first had one. */
  readonly dark = new Map<StreamName, number>();
  /** The most inputs at once. */
  readonly peak = new Map<StreamName, number>();
  effects = 0;
  bytes = 0;
  #queue: Scheduled[] = [];
  #order = 0;
  #tokens = 0;
  #lives = 0;
  readonly #replies = new Map<number, { asker: TestServer; at: TestServer; poll: number } | { witness: () => void }>();

  constructor(options: GroupOptions = {}) {
    this.config = testConfig(options);
  }

  static started(options: GroupOptions = {}): TestGroup {
    const group = new TestGroup(options);
    for (const server of group.config.servers) group.start(server.name);
    group.run(5_000);
    return group;
  }

  /** `life`: absent: later than all before. */
  start(name: string, config: ClusterConfig = this.config, life = this.#lives + 1, born?: Rebirth): TestServer {
    this.#lives = Math.max(this.#lives, life);
    const server = new TestServer(serverName(name), life, config, born);
    this.servers.set(server.name, server);
    this.#step(server, { type: 'wake' });
    return server;
  }

  server(name: string): TestServer {
    const server = this.servers.get(serverName(name));
    if (server === undefined) throw new Error(`no server ${name}`);
    return server;
  }

  /** The process is gone; its system answers for it. */
  kill(name: string): void {
    const server = this.server(name);
    server.state = 'dead';
    for (const other of this.servers.values()) this.#breakPolls(other, server, 'reset');
    for (const open of server.polls.values()) this.#dropParked(server, open);
    server.running.clear();
  }

  freeze(name: string): void {
    this.server(name).state = 'frozen';
  }

  thaw(name: string): void {
    const server = this.server(name);
    server.state = 'up';
    this.#step(server, { type: 'wake' });
    for (const event of server.backlog.splice(0)) this.#step(server, event);
  }

  /** Both ways. */
  cut(a: string, b: string, state: LinkState = 'black-hole'): void {
    this.links.set(`${a}>${b}`, state);
    this.links.set(`${b}>${a}`, state);
  }

  /** The present connection from one to the other is dead, and neither knows. */
  forget(from: string, to: string): void {
    const open = this.server(from).polls.get(serverName(to));
    if (open?.reply === undefined) return;
    this.#replies.delete(open.reply);
    this.#gone.add(open.reply);
    open.forgotten = true;
  }

  heal(): void {
    this.links.clear();
  }

  send(name: string, event: Event): void {
    this.#step(this.server(name), event);
  }

  fact(name: string, stream: string, fact: CaptureFact): void {
    const server = this.server(name);
    const attempt = server.running.get(streamName(stream))?.attempt ?? -1;
    this.#step(server, { type: 'capture', stream: streamName(stream), attempt, fact });
  }

  /** Lets time pass. */
  run(span: number): void {
    const end = this.now + span;
    for (;;) {
      const next = this.#nextJob(end);
      if (next === undefined) break;
      this.#advance(Math.max(this.now, next.at));
      next.run();
    }
    this.#advance(end);
  }

  /** Runs until it holds, `span` at most; says how long it took. */
  until(what: () => boolean, span: number, step = 10): number {
    const begin = this.now;
    while (!what()) {
      if (this.now - begin > span) throw new Error(`not within ${span} ms\n${this.story.slice(-40).join('\n')}`);
      this.run(step);
    }
    return this.now - begin;
  }

  /** Who has frames of the stream. */
  holders(stream: string): string[] {
    return this.#live()
      .filter((server) => server.running.get(streamName(stream))?.frames === true)
      .map((server) => server.name);
  }

  /** Each stream with frames exactly at its home. */
  allHome(): boolean {
    return this.config.streams.every((stream) => {
      const holders = this.holders(stream.name);
      const inputs = this.#live().filter((server) => server.running.has(stream.name));
      return holders.length === 1 && inputs.length === 1 && holders[0] === this.home(stream.name);
    });
  }

  /** Each stream with frames exactly once. */
  allOnce(): boolean {
    return this.config.streams.every((stream) => {
      const inputs = this.#live().filter((server) => server.running.has(stream.name));
      return inputs.length === 1 && this.holders(stream.name).length === 1;
    });
  }

  home(stream: string): string {
    const any = this.#live()[0];
    return any?.core.home(streamName(stream)) ?? 'nobody';
  }

  streamsOf(name: string): string[] {
    return this.config.streams.map((stream) => stream.name).filter((stream) => this.home(stream) === name);
  }

  view(name: string, of: string): ServerView | undefined {
    return this.server(name)
      .core.servers(instant(this.now))
      .find((server) => server.name === of);
  }

  streamView(name: string, of: string): StreamView | undefined {
    return this.server(name)
      .core.streams()
      .find((stream) => stream.name === of);
  }

  told(kind: ClusterNotice['kind']): string[] {
    return this.story.filter((line) => line.split(' ')[2] === kind);
  }

  #live(): TestServer[] {
    return [...this.servers.values()].filter((server) => server.state !== 'dead' && !server.left);
  }

  #nextJob(end: number): { at: number; run: () => void } | undefined {
    let best: { at: number; run: () => void } | undefined;
    for (const job of this.#queue) if (best === undefined || job.at < best.at) best = job;
    const job = best;
    if (job !== undefined) best = { at: job.at, run: () => this.#runJob(job) };
    for (const server of this.#live()) {
      if (server.state === 'frozen' || server.reincarnated) continue;
      const at = Math.max(server.core.nextWake(), this.now);
      if (best === undefined || at < best.at) best = { at, run: () => this.#step(server, { type: 'wake' }) };
    }
    return best !== undefined && best.at <= end ? best : undefined;
  }

  #runJob(job: { at: number; run: () => void }): void {
    this.#queue = this.#queue.filter((one) => one !== job);
    job.run();
  }

  #advance(to: number): void {
    const span = to - this.now;
    for (const stream of this.config.streams) {
      const inputs = this.#live().filter((server) => server.running.has(stream.name)).length;
      this.peak.set(stream.name, Math.max(inputs, this.peak.get(stream.name) ?? 0));
      const holders = this.#live().filter(
        (server) => server.state === 'up' && server.running.get(stream.name)?.frames === true,
      );
      if (holders.length > 0) this.dark.set(stream.name, this.dark.get(stream.name) ?? 0);
      else if (span > 0 && this.dark.has(stream.name)) {
        this.dark.set(stream.name, (this.dark.get(stream.name) ?? 0) + span);
      }
    }
    this.now = to;
  }

  #later(span: number, run: () => void): void {
    this.#queue.push({ at: this.now + span, order: this.#order++, run });
  }

  #step(server: TestServer, event: Event): void {
    if (server.state === 'dead' || server.left || server.reincarnated) return;
    if (server.state === 'frozen') {
      server.backlog.push(event);
      return;
    }
    for (const effect of server.core.step(event, instant(this.now))) this.#perform(server, effect);
  }

  #perform(server: TestServer, effect: Effect): void {
    this.effects++;
    switch (effect.type) {
      case 'poll':
        this.#poll(server, effect);
        return;
      case 'reply':
        this.#reply(effect);
        return;
      case 'probe':
        this.#probe(server, effect);
        return;
      case 'ask-witness':
        this.#askWitness(server, effect);
        return;
      case 'reply-probe': {
        const waiting = this.#replies.get(effect.reply);
        this.#replies.delete(effect.reply);
        if (waiting !== undefined && 'witness' in waiting) this.#probeResult = effect.result;
        if (waiting !== undefined && 'witness' in waiting) waiting.witness();
        return;
      }
      case 'start':
        this.cameras.start(server, effect);
        return;
      case 'stop':
        this.cameras.stop(server, effect);
        return;
      case 'notice': {
        server.notices.push(effect.notice);
        const { kind, ...rest } = effect.notice;
        this.story.push(`${Math.round(this.now)} ${server.name} ${kind} ${JSON.stringify(rest)}`);
        return;
      }
      case 'left':
        server.left = true;
        for (const other of this.servers.values()) this.#breakPolls(other, server, 'reset');
        return;
      case 'reincarnate':
        server.reincarnated = true;
        this.kill(server.name);
        if (effect.above === undefined) this.start(server.name, this.config, undefined, 'stood-still');
        else this.start(server.name, this.config, effect.above + 1, 'outlived');
        return;
      case 'owners-changed':
        return;
    }
  }

  /** Requests whose connection ended; their server may not know it yet. */
  readonly #gone = new Set<number>();
  #probeResult: 'answered' | 'refused' | 'silent' = 'silent';

  #poll(from: TestServer, effect: Of<'poll'>): void {
    const older = from.polls.get(effect.peer);
    if (older !== undefined) this.#dropParked(from, older);
    const open: OpenPoll = { peer: effect.peer, poll: effect.poll, reply: undefined };
    from.polls.set(effect.peer, open);
    const message = this.#wire(effect.message);
    this.#later(effect.within, () => this.#failPoll(from, open, 'timeout'));
    this.#later(hop, () => {
      if (from.polls.get(effect.peer) !== open) return;
      const to = this.servers.get(effect.peer);
      const link = this.links.get(`${from.name}>${effect.peer}`) ?? 'up';
      if (link === 'black-hole') return;
      if (link === 'refuse' || to === undefined || to.state === 'dead' || to.left) {
        this.#failPoll(from, open, 'refused');
        return;
      }
      const reply = ++this.#tokens;
      open.reply = reply;
      this.#replies.set(reply, { asker: from, at: to, poll: effect.poll });
      this.#step(to, { type: 'request', from: from.name, message, reply });
    });
  }

  #reply(effect: Of<'reply'>): void {
    const waiting = this.#replies.get(effect.reply);
    if (this.#gone.has(effect.reply)) return;
    if (waiting === undefined || !('asker' in waiting)) throw new Error(`reply ${effect.reply} answers nothing`);
    this.#replies.delete(effect.reply);
    const { asker, at, poll } = waiting;
    const message = this.#wire(effect.message);
    if ((this.links.get(`${asker.name}>${at.name}`) ?? 'up') === 'black-hole') return;
    this.#later(hop, () => {
      const open = asker.polls.get(at.name);
      if (open?.poll !== poll) return;
      asker.polls.delete(at.name);
      this.#step(asker, { type: 'answer', peer: at.name, poll, message });
    });
  }

  #failPoll(from: TestServer, open: OpenPoll, reason: PollFailure): void {
    if (from.polls.get(open.peer) !== open) return;
    from.polls.delete(open.peer);
    this.#dropParked(from, open);
    this.#step(from, { type: 'poll-failed', peer: open.peer, poll: open.poll, reason });
  }

  /** The answering side notices that the connection is gone. */
  #dropParked(from: TestServer, open: OpenPoll): void {
    const { reply } = open;
    const to = this.servers.get(open.peer);
    if (reply === undefined || to === undefined || !this.#replies.delete(reply)) return;
    this.#gone.add(reply);
    if ((this.links.get(`${from.name}>${open.peer}`) ?? 'up') === 'black-hole') return;
    this.#later(hop, () => this.#step(to, { type: 'request-gone', reply }));
  }

  #breakPolls(from: TestServer, to: TestServer, reason: PollFailure): void {
    const open = from.polls.get(to.name);
    if (open === undefined || open.forgotten === true) return;
    this.#later(hop, () => this.#failPoll(from, open, reason));
  }

  #probe(from: TestServer, effect: Of<'probe'>): void {
    const to = this.servers.get(effect.target);
    const link = this.links.get(`${from.name}>${effect.target}`) ?? 'up';
    const gone = to === undefined || to.state === 'dead' || to.left;
    const result = link === 'black-hole' ? 'silent' : link === 'refuse' || gone ? 'refused' : 'answered';
    const found = to?.state === 'frozen' && result === 'answered' ? 'silent' : result;
    this.#later(found === 'silent' ? effect.within : hop, () =>
      this.#step(from, { type: 'probe-result', target: effect.target, probe: effect.probe, result: found }),
    );
  }

  #askWitness(from: TestServer, effect: Of<'ask-witness'>): void {
    const { witness, target, ask } = effect;
    const to = this.servers.get(witness);
    let done = false;
    const tell = (result: 'answered' | 'refused' | 'silent'): void => {
      if (done) return;
      done = true;
      this.#step(from, { type: 'witness-result', witness, target, ask, result });
    };
    this.#later(effect.within, () => tell('silent'));
    const link = this.links.get(`${from.name}>${witness}`) ?? 'up';
    if (to === undefined || to.state !== 'up' || to.left || link !== 'up' || this.cameras.deaf.has(witness)) return;
    const reply = ++this.#tokens;
    this.#replies.set(reply, { witness: () => tell(this.#probeResult) });
    this.#later(hop, () => this.#step(to, { type: 'probe-request', from: from.name, target, reply }));
  }

  /** As over HTTP: what is not plain JSON is lost. */
  #wire(message: Message): Message {
    const text = JSON.stringify(message);
    this.bytes += text.length;
    const parsed = parseMessage(JSON.parse(text));
    if (parsed === undefined) throw new Error(`a core wrote what no core can read: ${text.slice(0, 300)}`);
    return parsed;
  }
}
