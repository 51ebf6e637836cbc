/** Stops the smallest supervised unit on a programmer's error. Never for bad input: that is an `AppError` or a value. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`);
}

/** For the default arm of a switch over a closed union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
