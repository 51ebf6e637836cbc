import type { ConfigStatus, MediaStatus, Readiness, ServerStatus, StatusPort, StreamStatus } from '../../api/ports.ts';
import type { ClusterCore } from '../../cluster/step/core.ts';
import type { StreamConfig } from '../../config/model/config.ts';
import { maskedUrl } from '../../config/model/masked-url.ts';
import type { RunningConfig } from '../../config/running/running-config.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Millis } from '../../units/time.ts';
import type { Capture, Captures } from '../media/captures.ts';
import type { ClockKeeper } from '../media/clock-keeper.ts';
import type { LastFrames } from '../media/last-frames.ts';
import type { MediaBoard } from '../media/media-board.ts';
import type { PeerMedia } from '../peers/peer-media.ts';

export interface StatusOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly config: RunningConfig;
  readonly core: () => ClusterCore;
  readonly captures: Captures;
  readonly board: MediaBoard;
  readonly lastFrames: LastFrames;
  readonly peerMedia: PeerMedia;
  readonly clocks: ClockKeeper;
  /** No peer takes this server for a member of the group, and several say so. */
  readonly refused: () => boolean;
  /** Why this server's last capture of the stream failed. */
  readonly lastError: (stream: StreamName) => string | undefined;
}

/** What the API tells of the group, put together from the core, the workers and the peers. */
export class Status implements StatusPort {
  readonly #options: StatusOptions;

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  refresh(): Promise<void> {
    return this.#options.peerMedia.fresh();
  }

  servers(): readonly ServerStatus[] {
    const { core, clock, clocks, config, version } = this.#options;
    return core()
      .servers(clock.monotonic())
      .map((view) => ({
        view,
        version: view.self ? version : clocks.version(view.name),
        clockSkew: view.self ? undefined : clocks.skew(view.name),
        publicUrl: config.server(view.name)?.publicUrl ?? '',
      }));
  }

  views(): readonly StreamStatus['view'][] {
    const { core, config } = this.#options;
    const known = new Map(
      core()
        .streams()
        .map((view) => [view.name, view]),
    );
    return config.config.streams.map(({ name }) => known.get(name) ?? this.#localView(name));
  }

  streams(views = this.views()): readonly StreamStatus[] {
    return views.flatMap((view) => {
      const stream = this.#options.config.stream(view.name);
      return stream === undefined ? [] : [this.#status(stream, view)];
    });
  }

  stream(name: StreamName): StreamStatus | undefined {
    const stream = this.#options.config.stream(name);
    if (stream === undefined) return undefined;
    const known = this.#options
      .core()
      .streams()
      .find((view) => view.name === name);
    return this.#status(stream, known ?? this.#localView(name));
  }

  readiness(): Readiness {
    const own = this.servers().find((server) => server.view.self)?.view;
    if (own?.state === 'booting' || own?.state === 'draining') return own.state;
    if (own?.minority === true) return 'minority';
    return this.#options.refused() ? 'refused' : 'ready';
  }

  config(): ConfigStatus {
    const { config } = this.#options;
    return { digest: config.cluster.digest, loadedAt: config.loadedAt, diagnostics: config.diagnostics };
  }

  #localView(name: StreamName): StreamStatus['view'] {
    const { config, captures } = this.#options;
    return localView(name, config.self, captures.get(name));
  }

  #status(stream: StreamConfig, view: StreamStatus['view']): StreamStatus {
    const { captures, board, peerMedia, config, lastError } = this.#options;
    const capture = captures.get(stream.name);
    const own = view.owner === config.self && capture !== undefined;
    const media = own ? board.status(capture) : view.owner && peerMedia.get(view.owner, stream.name);
    const runs = view.state === 'running';
    const [first] = stream.sources;
    return {
      view,
      media,
      lastFrameAge: runs && !own ? media?.lastFrameAge : this.#sinceLastFrame(view, media),
      source: first === undefined ? '' : maskedUrl(first),
      error: !runs ? (lastError(stream.name) ?? peerMedia.error(stream.name)) : undefined,
    };
  }

  /** As the capture tells it; before it does, and when there is none, from the last that anybody had. */
  #sinceLastFrame({ name, framesUntil }: StreamStatus['view'], media: MediaStatus | undefined): Millis | undefined {
    const { lastFrames, clock } = this.#options;
    return media?.lastFrameAge ?? lastFrames.age(name, clock.monotonic(), framesUntil);
  }
}

/** A stream without `cluster_ingest`, which no core knows. */
function localView(name: StreamName, self: ServerName, capture: Capture | undefined): StreamStatus['view'] {
  const states = { starting: 'starting', running: 'running', stalled: 'error', stopping: 'idle' } as const;
  const owner = capture === undefined ? undefined : self;
  const state = capture === undefined ? 'idle' : states[capture.state];
  return {
    name,
    state,
    home: self,
    owner,
    capturedBy: owner,
    since: capture?.since,
    triedBy: state === 'running' ? undefined : owner,
    framesUntil: undefined,
  };
}
