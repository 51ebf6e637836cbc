import { randomUUID } from 'node:crypto';
import { NodeArchiveDisk } from '../../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { RootMemories } from '../../adapters/disk/archive/root-memory.ts';
import { fillName } from '../../config/model/fill-name.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { ArchiveRoot } from '../archive/archive-root.ts';
import { OwnArchive } from '../archive/own-archive.ts';
import { OwnPlayback } from '../archive/own-playback.ts';
import type { Ground } from './ground.ts';
import type { Parts } from './parts.ts';

/** Plays what this server recorded. */
export function createPlayback({ config, options }: Ground, parts: Parts): OwnPlayback {
  return new OwnPlayback({
    rootOf: (stream) => parts.archive.rootOf(stream),
    held: (stream, run, now) => parts.archive.holds.read(stream, run, now),
    monotonic: () => options.clock.monotonic(),
    now: () => utcOf(parts),
    segmentDuration: (stream) => config.stream(stream)?.segmentDuration ?? millis(0),
  });
}

function utcOf({ media }: Parts): Ticks {
  return ticks((media.clocks.utc() * 9) / 100);
}

/** Clocks that differ by so much, milliseconds, are not to say what is too old. */
const doubtfulSkew = 60_000;

/** What this server records. */
export function createArchive({ config, state, incarnation, options }: Ground, parts: Parts): OwnArchive {
  const { clock, log, self } = options;
  const memories = new RootMemories(state.path);
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
        now: () => utcOf(parts),
        log,
      }),
    home: (stream) => (config.stream(stream)?.clusterIngest === undefined ? undefined : parts.group.core.home(stream)),
    clockInDoubt: () => config.peers.some((peer) => Math.abs(parts.media.clocks.skew(peer) ?? 0) > doubtfulSkew),
    write: (told) => parts.chronicle.write(told),
    moved: (stream) => parts.media.captures.useArchive(stream),
  });
}
