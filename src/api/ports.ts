import type { ServerView, StreamView } from '../cluster/step/view.ts';
import type { ChangeNote } from '../config/change/change-note.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import type { Instant, Millis, UnixMicros } from '../units/time.ts';

/** What the API tells of the group; every server answers for all of it. Answers at once from what is known; implemented in `server/`. */
export interface StatusPort {
  /** All of the configuration, this one among them, in the order of the file. */
  servers(): readonly ServerStatus[];
  /** Of every stream where it is, in the order of the file: what is cheap to know. */
  views(): readonly StreamStatus['view'][];
  /** Of these, or of all, also what is told of their media. */
  streams(views?: readonly StreamStatus['view'][]): readonly StreamStatus[];
  stream(name: StreamName): StreamStatus | undefined;
  /** Whether viewers may be sent here for the group's streams; else why not. */
  readiness(): Readiness;
  config(): ConfigStatus;
  /** Has the peers tell of their streams' media when nobody looked lately; resolves within a moment, whether they answered or not. */
  refresh?(): Promise<void>;
}

/**
 * `booting`: not settled yet. `draining`: gives its streams away. `minority`: on the smaller side of a parted group that captures on the larger one
 * only. `refused`: at least two peers refuse this server, and none is heard.
 */
export const readinesses = ['ready', 'booting', 'draining', 'minority', 'refused'] as const;
export type Readiness = (typeof readinesses)[number];

/** A server as the core sees it, and what the exchange with it has measured. */
export interface ServerStatus {
  readonly view: ServerView;
  /** Of the program; absent when it was never heard. */
  readonly version: string | undefined;
  /** Its system clock minus this one's. */
  readonly clockSkew: Millis | undefined;
  readonly publicUrl: string;
}

/** A stream as the core sees it, and what its owner tells of the media. */
export interface StreamStatus {
  /** A stream without `cluster_ingest` has itself as home; `idle`: this server does not capture it and nobody asks for it. */
  readonly view: Omit<StreamView, 'state' | 'home'> & {
    readonly state: StreamView['state'] | 'idle';
    readonly home: ServerName | undefined;
  };
  /** Absent until the owner told it. */
  readonly media: MediaStatus | undefined;
  /**
   * Of a stream that runs as its owner tells it, absent until it did; of another since anybody last had a frame, or since the stream is
   * configured here when this life of the server knows of none.
   */
  readonly lastFrameAge: Millis | undefined;
  /** The first source's URL, masked by `maskUrl`, when no owner tells which one is in use. */
  readonly source: string;
  /** Why it does not run; without secrets. */
  readonly error: string | undefined;
}

/** JSON-able: it travels from the owner to every server. Ages are at the moment of the call. */
export interface MediaStatus {
  /** The URL in use, masked by `maskUrl`. */
  readonly source: string;
  readonly lastFrameAge: Millis | undefined;
  readonly bitrateBps: number | undefined;
  readonly bytesTotal: number;
  readonly damageTotal: number;
  /** That the owner's disk did not take. */
  readonly lostSegmentsTotal: number;
  readonly tracks: readonly TrackStatus[];
}

interface TrackStatus {
  readonly kind: 'video' | 'audio' | 'unsupported';
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly sampleRate?: number;
  readonly channels?: number;
}

export interface ConfigStatus {
  readonly digest: string;
  /** When the configuration in force was read. */
  readonly loadedAt: UnixMicros;
  /** What `check` says of the file that was read last, warnings among them; errors mean that it is not in force. */
  readonly diagnostics: readonly ConfigDiagnostic[];
}

export interface ConfigDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | undefined;
}

/** What this server itself has recorded. */
interface ArchiveStatusPort {
  /** In order; none when nothing of it is recorded. */
  intervals(stream: StreamName, from: UnixMicros, to: UnixMicros): readonly ArchiveInterval[];
}

export interface ArchiveInterval {
  readonly from: UnixMicros;
  readonly to: UnixMicros;
  readonly bytes: number;
  readonly servers: readonly ServerName[];
}

/** The group's journal, as far as this server knows it. */
export interface EventsPort {
  /** Oldest first: the newest `limit` of those at or after `since` and before or at `until`. */
  list(query: {
    readonly since: UnixMicros | undefined;
    readonly until?: UnixMicros | undefined;
    readonly limit: number;
  }): Promise<readonly EventRecord[]>;
}

/** One line of last night's story. Fields that don't apply are absent. */
export interface EventRecord {
  /** The same on all servers that know the event. */
  readonly id: string;
  readonly at: UnixMicros;
  /** Who told it, first of all who did. */
  readonly server: ServerName;
  /** All who saw the same; the first one is `server`. */
  readonly observedBy: readonly ServerName[];
  readonly kind: string;
  readonly stream?: StreamName;
  readonly from?: ServerName;
  readonly to?: ServerName;
  /** A URL, masked. */
  readonly source?: string;
  readonly cause?: string;
  /** A sentence for people, without secrets. */
  readonly message: string;
  readonly took?: Millis;
  readonly videoLost?: Millis;
  /** Where it is missing on the stream's timeline; of several holes, from the first to the last. */
  readonly videoLostFrom?: UnixMicros;
  readonly videoLostTo?: UnixMicros;
}

/** The verbs that change state. */
export interface ControlPort {
  /** Resolves when the streams are given away, or nobody is there to take the rest, with how many are still captured here. */
  drain(): Promise<{ readonly streamsLeft: number }>;
  undrain(): Promise<void>;
  /** Reads the file again; with errors the running configuration stays in force. */
  reload(): Promise<ReloadResult>;
}

export interface ReloadResult {
  readonly applied: boolean;
  /** Of the configuration in force, as all that follows. */
  readonly digest: string;
  readonly streams: number;
  /** What this reload changed; empty when it is not applied. */
  readonly changes: readonly ChangeNote[];
  /** What takes effect when the process is started again, in words. */
  readonly needsRestart: readonly string[];
  /** Of the file that was read. */
  readonly diagnostics: readonly ConfigDiagnostic[];
}

/** All that the API consumes. `editAuth` is a function, for a reload may change it. */
export interface ApiPorts {
  readonly status: StatusPort;
  readonly events: EventsPort;
  readonly control: ControlPort;
  readonly archive: ArchiveStatusPort;
  readonly editAuth: () => { readonly user: string; readonly password: string } | undefined;
  /** The clock of the views' instants. */
  readonly now: () => Instant;
  readonly wall: () => UnixMicros;
}
