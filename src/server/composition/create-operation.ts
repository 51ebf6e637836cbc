import { Control } from '../operate/control.ts';
import { Reload } from '../operate/reload.ts';
import { tellOwners } from './create-group.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** Reads the file again, and who follows it. */
export function createReload({ config, options }: Ground, parts: Parts): Reload {
  return new Reload({
    config,
    load: options.load,
    utc: () => parts.media.clocks.utc(),
    write: (told) => parts.chronicle.write(told),
    log: options.log,
    apply: {
      group: () => {
        parts.group.reconfigure();
        parts.sync.follow(config.peers);
      },
      restartInput: (stream) => parts.media.captures.restart(stream),
      useSources: (stream) => parts.media.captures.useSources(stream),
      archive: (streams) => {
        for (const stream of streams) parts.media.captures.useArchive(stream);
        // New roots are opened beside it, and their streams are told then.
        void parts.archive.look(false);
      },
      local: () => {
        parts.local.follow(config.config.streams);
        parts.media.followConfig();
      },
      ownersChanged: (streams) => tellOwners(streams, parts),
    },
  });
}

/** What operators may ask for. */
export function createControl({ options }: Ground, parts: Parts): Control {
  const { clock, self } = options;
  return new Control({
    clock,
    captures: parts.media.captures,
    reload: parts.reload,
    post: (event) => parts.group.post(event),
    hasTakers: () => parts.owners.liveServers().some((name) => name !== self.name),
  });
}
