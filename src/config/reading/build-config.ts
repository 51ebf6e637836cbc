import { directives } from '../language/directives.ts';
import type { Config } from '../model/config.ts';
import type { Reporter } from '../syntax/reporter.ts';
import type { Block } from '../syntax/syntax-tree.ts';
import { checkArchive } from './check-archive.ts';
import { checkGroup } from './check-group.ts';
import { checkSources } from './check-sources.ts';
import { readPeers } from './read-peers.ts';
import { readStreams } from './read-streams.ts';
import { fallbackOf } from './reading.ts';
import { Section } from './section.ts';

/** Reads the whole tree, includes already put in place. Undefined when anything is wrong; warnings don't count. */
export function buildConfig(tree: Block, reporter: Reporter): Config | undefined {
  const file = new Section(tree, reporter);
  const clusterKey = file.one(directives.clusterKey);
  const http = file.one(directives.http);
  const partition = file.one(directives.partition);
  const stateDir = file.one(directives.stateDir);
  const editAuth = file.one(directives.editAuth)?.values;
  const peers = readPeers(file, http?.values[0], reporter);
  const streams = readStreams(
    file,
    peers.map(({ peer }) => peer),
    reporter,
  );
  const config: Config = {
    clusterKey: clusterKey?.values[0],
    http: http?.values[0],
    peers: peers.map(({ peer }) => peer),
    streams: streams.map(({ stream }) => stream),
    failbackDelay: file.one(directives.failbackDelay)?.values[0] ?? fallbackOf(directives.failbackDelay),
    handovers: file.one(directives.handovers)?.values[0] ?? fallbackOf(directives.handovers),
    replicationSpeed: file.one(directives.replicationSpeed)?.values[0],
    partition: partition?.values[0] ?? fallbackOf(directives.partition),
    stateDir: stateDir?.values[0] ?? fallbackOf(directives.stateDir),
    editAuth: editAuth && { user: editAuth[0], password: editAuth[1] },
  };
  const nodeOf = (use: (typeof directives)[keyof typeof directives]) =>
    tree.nodes.find((node) => node.directive === use);
  checkGroup(
    {
      config,
      peers,
      streams,
      clusterKey: nodeOf(directives.clusterKey),
      http: nodeOf(directives.http),
      partition: nodeOf(directives.partition),
      stateDir: nodeOf(directives.stateDir),
      editAuth: nodeOf(directives.editAuth),
    },
    reporter,
  );
  if (reporter.hasErrors) return undefined;
  // Beside an error they would be its echo.
  checkSources(streams, reporter);
  checkArchive(streams, peers, reporter);
  return config;
}
