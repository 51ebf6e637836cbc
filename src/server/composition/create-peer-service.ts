import { eventsPath } from '../../events/journal/event-sync.ts';
import { PeerService } from '../../group/peer-service.ts';
import { mediaPath } from '../peers/peer-media.ts';
import { relayWindows } from '../peers/relayed-windows.ts';
import { livePath, serveWindows } from '../peers/remote-windows.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** Of what a stranger calls itself, in the log. */
const longestName = 100;

/** What peers may ask of this server, by path. */
export function createPeerService({ options, warnQuietly }: Ground, parts: Parts): PeerService {
  const { group, media, sync, ends } = parts;
  const { windows, remoteWindows, captures } = media;
  const own = serveWindows(windows, options.clock, (...shown) => captures.shownElsewhere(...shown));
  return new PeerService({
    gate: () => group.gate,
    handlers: {
      ...group.exchange.handlers,
      ...ends.handlers,
      [livePath]: relayWindows(own, remoteWindows),
      [eventsPath]: sync.handler,
      [mediaPath]: () => Promise.resolve({ status: 200, body: media.report() }),
    },
    onRefused(why, name) {
      const from = name.slice(0, longestName);
      // A stranger may have another name with every request; others have one of the configuration.
      if (why === 'unknown-peer') warnQuietly('peer request refused', { why }, { from });
      else warnQuietly('peer request refused', { why, from });
    },
  });
}
