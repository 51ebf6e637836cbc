/** What a server says of itself as a whole. */
export interface ServerStatus {
  /** Done booting. */
  readonly settled: boolean;
  /** Gives its streams away and takes none. */
  readonly draining: boolean;
  /** Said with its last words: its claims are void. */
  readonly leaving: boolean;
  /** Restarted too often lately: captures only what nobody else can. */
  readonly penalized: boolean;
  /** On the smaller side of a partition, where the configuration forbids to capture. */
  readonly minority: boolean;
  readonly digest: string;
  /** Why this life began, where its process had one before: that stood still, or peers knew a later one. Absent: the process began with it. */
  readonly born?: Rebirth;
}

export const rebirths = ['stood-still', 'outlived'] as const;
export type Rebirth = (typeof rebirths)[number];

export function sameStatus(a: ServerStatus, b: ServerStatus): boolean {
  return (
    a.settled === b.settled &&
    a.draining === b.draining &&
    a.leaving === b.leaving &&
    a.penalized === b.penalized &&
    a.minority === b.minority &&
    a.digest === b.digest &&
    a.born === b.born
  );
}

/** May capture what nobody captures, even if it is not the first choice. */
export function mayCapture(status: ServerStatus): boolean {
  return status.settled && !status.draining && !status.leaving && !status.minority;
}
