/** What the demonstration shows, taken from the first server that answers; every server answers for the whole group. */
export interface Snapshot {
  readonly answeredBy: string;
  readonly servers: readonly SnapshotServer[];
  readonly streams: readonly SnapshotStream[];
}

export interface SnapshotServer {
  readonly name: string;
  readonly state: string;
  readonly streams: number;
  readonly lastHeardMs: number | undefined;
}

export interface SnapshotStream {
  readonly name: string;
  readonly state: string;
  readonly home: string | undefined;
  readonly capturedBy: string | undefined;
  readonly standIn: boolean;
  readonly lastFrameMs: number | undefined;
  readonly source: string;
}
