/**
 * Everything that can go wrong in operation, and what HTTP says of it. A code, once published, never changes its meaning.
 * Programmer's errors are `assert`; expected alternatives are return values; text with mistakes yields diagnostics.
 */
export const errorCodes = {
  'bad-request': { status: 400, meaning: 'The request is not understood.' },
  'edit-auth-required': { status: 401, meaning: 'Changing state needs the user and password of edit_auth.' },
  'edit-from-loopback-only': {
    status: 403,
    meaning: 'Without edit_auth, state is changed from the server itself only.',
  },
  'cross-origin': { status: 403, meaning: 'A page of another site may not change state through a browser.' },
  'peer-unauthorized': {
    status: 403,
    meaning: 'The request is not signed by a peer with the same cluster_key for this server and moment.',
  },
  'not-found': { status: 404, meaning: 'There is nothing at this address.' },
  'method-not-allowed': { status: 405, meaning: 'What is at this address takes other methods: those in `Allow`.' },
  'stream-unknown': { status: 404, meaning: 'No stream of that name is in the configuration.' },
  'segment-gone': { status: 404, meaning: 'The segment is no longer, or not yet, held by the group.' },
  'stream-unavailable': { status: 503, meaning: 'Nobody captures the stream at this moment; try again.' },
  'too-many-hops': { status: 503, meaning: 'Servers disagree about who captures the stream; try again.' },
  'server-overloaded': { status: 503, meaning: 'A bound of this server is reached.' },
  'too-large': { status: 413, meaning: 'The request has more bytes than this server reads.' },
  'range-unsatisfiable': { status: 416, meaning: 'The segment has no such bytes.' },
  'config-invalid': { status: 422, meaning: 'The configuration has errors; the running one stays in force.' },
  internal: { status: 500, meaning: 'A fault of this program; the log has more.' },
  'source-refused': { status: 502, meaning: 'No process accepts connections at the source.' },
  'source-unreachable': {
    status: 502,
    meaning: 'The source cannot be reached: no route, no such name, or no answer in time.',
  },
  'source-unauthorized': { status: 502, meaning: 'The source wants other credentials.' },
  'source-not-found': { status: 502, meaning: 'The source has nothing at that path.' },
  'source-busy': { status: 502, meaning: 'The source takes no more connections, or has a fault of its own.' },
  'source-closed': { status: 502, meaning: 'The source ended the connection.' },
  'source-stalled': { status: 502, meaning: 'The source sends no frames.' },
  'source-protocol': { status: 502, meaning: 'The source breaks its protocol.' },
  'source-unsupported': { status: 502, meaning: 'The source has no track that this server can carry.' },
  'port-unavailable': { status: 500, meaning: 'The server can not listen on the port of its configuration.' },
  'disk-failed': { status: 500, meaning: 'A file could not be written or read.' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** An operating error: typed, expected, handled by the owner of what failed. `message` and `detail` never hold a secret. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly detail?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail ?? {};
  }
}
