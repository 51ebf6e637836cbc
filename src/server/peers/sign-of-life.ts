import type { ReachPort } from '../../delivery/ports/ports.ts';
import { helloPath, probePath, testimony } from '../../group/exchange.ts';
import type { PeerClient } from '../../group/peer-client.ts';
import { millis } from '../../units/time.ts';

/** Far more than a loaded server needs; a viewer who waits for a frozen one loses nothing by it. */
const answerWithin = millis(2_000);

/** Asks peers whether they are there, and whether others are, beside the exchange, which may take `stale_timeout` to notice. */
export function signOfLife(client: () => PeerClient): ReachPort {
  return {
    async answers(server, by) {
      const { signal } = new AbortController();
      if (by === undefined) {
        const call = { peer: server, path: helloPath, body: {}, within: answerWithin, signal };
        return (await client().call(call)).ok;
      }
      const call = { peer: by, path: probePath, body: { target: server }, within: answerWithin, signal };
      return testimony(await client().call(call)) === 'answered';
    },
  };
}
