import type { ServerView, StreamView } from '../../cluster/step/view.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import type { Instant, UnixMicros } from '../../units/time.ts';
import { type KeptEnd, type KeptEnds, later } from './kept-ends.ts';

export interface LastKnownOptions {
  readonly self: ServerName;
  /** In the group's clock, 90 kHz UTC. */
  readonly now: () => Ticks;
  /** The end of what this process published last of the stream. */
  readonly published: (stream: StreamName) => Ticks | undefined;
  /** What is kept on disk: of what this server published, and of what it heard of the others. */
  readonly own: Pick<KeptEnds, 'get'>;
  readonly others: Pick<KeptEnds, 'get'>;
}

/** Who had a stream last, as far as this server knows by itself. */
export class LastKnown {
  readonly #options: LastKnownOptions;

  constructor(options: LastKnownOptions) {
    this.#options = options;
  }

  of(stream: StreamName): KeptEnd | undefined {
    const { self, now, published, own, others } = this.#options;
    const end = published(stream);
    const ours = end === undefined ? own.get(stream, now()) : { server: self, end };
    const theirs = others.get(stream, now());
    return ours === undefined ? theirs : later(ours, theirs);
  }

  /** Where this server's own part ended in the life before. */
  ofOwnPast(stream: StreamName): Ticks | undefined {
    return this.#options.own.get(stream, this.#options.now())?.end;
  }
}

/** What the core tells of the group. */
export interface GroupViews {
  readonly self: ServerName;
  readonly streams: readonly StreamView[];
  readonly servers: readonly ServerView[];
  /** In the group's clock. */
  readonly utcAt: (at: Instant) => UnixMicros;
}

/** Of each stream that another server captures: it has been up to there when that one was heard last. */
export function endsAtOthers({ self, streams, servers, utcAt }: GroupViews): Map<StreamName, KeptEnd> {
  const heard = new Map(servers.map((view) => [view.name, view.lastHeard]));
  const ends = new Map<StreamName, KeptEnd>();
  for (const { name, state, owner } of streams) {
    if (state !== 'running' || owner === undefined || owner === self) continue;
    const at = heard.get(owner);
    if (at !== undefined) ends.set(name, { server: owner, end: ticks((utcAt(at) * 9) / 100) });
  }
  return ends;
}
