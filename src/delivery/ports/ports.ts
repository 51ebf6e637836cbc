import type { SegmentLocation } from '../../facts/protocol.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Millis } from '../../units/time.ts';
import type { ArchivePort } from './archive-port.ts';

/** Ends what the call that returned it began; calling it again does nothing. */
export type Unsubscribe = () => void;

/** What delivery must know of the group, as this server sees it at this moment. Answers at once; implemented in `server/`. */
export interface GroupPort {
  readonly self: ServerName;
  /** Whether the configuration in force has the stream. */
  isConfigured(stream: StreamName): boolean;
  /** In the order of the file. */
  streams(): readonly StreamName[];
  /** Who captures the stream: with `cluster_ingest` what the core says, else this server itself. */
  owner(stream: StreamName): ServerName | undefined;
  /** Calls back after the owner of this stream became another (or nobody), or the stream left the configuration. */
  onOwnerChange(stream: StreamName, changed: () => void): Unsubscribe;
  /** How long the stream's source may be silent before its owner gives it up; of a configured stream. */
  sourceTimeout(stream: StreamName): Millis;
  /** Where viewers reach the server: `http://host:port` without a slash at the end; absent for one that isn't in the configuration. */
  publicUrl(server: ServerName): string | undefined;
  /** Alive and not draining, this one among them, in the order of the file. */
  liveServers(): readonly ServerName[];
  /** On the smaller side of a group that is parted, which `partition majority` silences: others may have what nobody here has. */
  isMinority(): boolean;
  /** Dead in this server's view: a viewer sent there would find nobody, which ends some players for good. */
  isDown(server: ServerName): boolean;
}

/** The live windows of the group's streams. */
export interface WindowPort {
  /** This server's own window of a stream that it captures, the predecessor's segments merged in; absent before its first segment. */
  localWindow(stream: StreamName): LiveWindow | undefined;
  /** Calls back after the local window changed. */
  onLocalWindow(stream: StreamName, changed: () => void): Unsubscribe;
  /**
   * The owner's window by a signed long poll: at once when its revision is not `afterRevision` (0: in any case), else when it changes;
   * `undefined` when nothing changed within the poll's own time, which the implementation bounds to a few seconds.
   * Rejects with an `AppError` when the asked server can't be reached or hasn't the owner's window, and with the signal's reason when aborted.
   */
  remoteWindow(request: RemoteWindowRequest): Promise<LiveWindow | undefined>;
}

export interface RemoteWindowRequest {
  readonly stream: StreamName;
  readonly owner: ServerName;
  /** Another server that asks the owner in its turn; absent: the owner itself is asked. */
  readonly by?: ServerName;
  readonly afterRevision: number;
  /** The last number that viewers here were shown: an owner that counts otherwise goes on behind it. */
  readonly shown?: number | undefined;
  readonly signal: AbortSignal;
}

/** Signs of life of other servers. */
export interface ReachPort {
  /** Whether the server answers when asked now, by this server or `by` another; resolves within seconds, never rejects. */
  answers(server: ServerName, by?: ServerName): Promise<boolean>;
}

/** Where the bytes of this server's own segments lie: those of its window and those that it keeps behind it. */
export interface SegmentPort {
  /** Absent when this server never had it, or has it no more. */
  location(stream: StreamName, segment: number): SegmentLocation | undefined;
}

/** A piece of MPEG-TS, whole packets. Handed over to who subscribed: continuity counters are written into it. */
export interface MpegtsChunk {
  /** A decoder may start here: tables, then a keyframe with its parameter sets. */
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

/** The endless MPEG-TS of streams. */
export interface MpegtsPort {
  /**
   * Has this server's capture muxed as MPEG-TS until unsubscribed, through restarts of the capture; chunks come whenever it captures,
   * also beside the owner before a handover.
   */
  subscribe(stream: StreamName, chunk: (chunk: MpegtsChunk) => void): Unsubscribe;
  /**
   * Opens the owner's endless MPEG-TS for a relay: its public address with `hops` in the query, so that it serves but never redirects or relays further.
   * Bytes as they come, in pieces of any size. Rejects or ends with an `AppError`; ends when aborted.
   */
  openRemote(request: RemoteMpegtsRequest): Promise<AsyncIterable<Uint8Array>>;
}

export interface RemoteMpegtsRequest {
  readonly stream: StreamName;
  readonly owner: ServerName;
  readonly hops: number;
  readonly signal: AbortSignal;
}

/** All that delivery consumes. */
export interface DeliveryPorts {
  readonly group: GroupPort;
  readonly reach: ReachPort;
  readonly windows: WindowPort;
  readonly segments: SegmentPort;
  readonly mpegts: MpegtsPort;
  readonly archive: ArchivePort;
}
