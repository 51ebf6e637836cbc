import type { ReachPort } from '../../delivery/ports/ports.ts';
import { helloPath } from '../../group/exchange.ts';
import type { PeerClient } from '../../group/peer-client.ts';
import { millis } from '../../units/time.ts';

/** Far more than a loaded server needs; a viewer who waits for a frozen one loses nothing by it. */
const answerWithin = millis(2_000);

/** Asks peers whether they are there, beside the exchange, which may take `stale_timeout` to notice. */
export function signOfLife(client: () => PeerClient): ReachPort {
  return {
    async answers(peer) {
      const { signal } = new AbortController();
      const call = { peer, path: helloPath, body: {}, within: answerWithin, signal };
      return (await client().call(call)).ok;
    },
  };
}
