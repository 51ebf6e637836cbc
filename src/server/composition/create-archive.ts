import { randomUUID } from 'node:crypto';
import { NodeArchiveDisk } from '../../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { RootMemories } from '../../adapters/disk/archive/root-memory.ts';
import { fillName } from '../../config/model/fill-name.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { ArchiveRoot } from '../archive/archive-root.ts';
import { OwnArchive } from '../archive/own-archive.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** Clocks that differ by so much, milliseconds, are not to say what is too old. */
const doubtfulSkew = 60_000;

/** What this server records. */
export function createArchive({ config, state, incarnation, options }: Ground, parts: Parts): OwnArchive {
  const { clock, log, self } = options;
  const memories = new RootMemories(state.path);
  const now = (): Ticks => ticks((parts.media.clocks.utc() * 9) / 100);
  return new OwnArchive({
    self: self.name,
    incarnation,
    clock,
    log,
    streams: () => config.config.streams,
    pathOf: (root) => fillName(root, self.name),
    openRoot: (root) =>
      new ArchiveRoot({
        root,
        disk: new NodeArchiveDisk(root),
        memory: memories.of(root),
        newName: randomUUID,
        checksums: nodeChecksums,
        server: self.name,
        incarnation,
        now,
        log,
      }),
    home: (stream) => (config.stream(stream)?.clusterIngest === undefined ? undefined : parts.group.core.home(stream)),
    clockInDoubt: () => config.peers.some((peer) => Math.abs(parts.media.clocks.skew(peer) ?? 0) > doubtfulSkew),
    write: (told) => parts.chronicle.write(told),
    moved: (stream) => parts.media.captures.useArchive(stream),
  });
}
