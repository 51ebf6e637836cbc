import type { Reading } from '../../src/adapters/ingest/read-pace.ts';

/** A thread that looks at its sockets whenever there is something: tests have their cameras in the same thread. */
export const restless: Reading = { read: () => undefined, asked: () => undefined };
