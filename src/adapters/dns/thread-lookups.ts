// Threads ask the main one, for only there all look-ups can be counted.
import type { MessagePort } from 'node:worker_threads';
import type { Find } from './lookup.ts';
import type { Addresses } from './name-lookups.ts';

interface Question {
  readonly id: number;
  readonly name: string;
}

type Answer =
  | { readonly id: number; readonly addresses: Addresses }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: unknown } };

/** The main thread's end; `answered` is called with every answer. Ends with the thread. */
export function answerLookups(port: MessagePort, find: Find, answered: () => void): void {
  const answer = (message: Answer): void => {
    port.postMessage(message);
    answered();
  };
  port.on('message', ({ id, name }: Question) => {
    find(name).then(
      (addresses) => answer({ id, addresses }),
      ({ message, code }: NodeJS.ErrnoException) => answer({ id, error: { message, code } }),
    );
  });
  port.unref();
}

/** The thread's end. */
export function askLookups(port: MessagePort): Find {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  port.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  port.unref();
  return (name) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, (answer) => {
        if ('addresses' in answer) resolve(answer.addresses);
        else reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      });
      port.postMessage({ id: last, name } satisfies Question);
    });
}
