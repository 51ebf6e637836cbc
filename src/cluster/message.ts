/** Placeholder that the core's author replaces: the exchange's content, JSON-able, unknown fields ignored. */
export interface Message {
  readonly [field: string]: unknown;
}
