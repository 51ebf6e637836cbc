/** Structured fields; values are plain data without secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The port to the log. error: a human must act; warn: degraded, self-healing; info: state change; debug: the rest. Messages are constant. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log;
}
