import { serverName, streamName } from '../../units/ids.ts';
import { type Instant, instant, millis } from '../../units/time.ts';
import type { ClusterConfig, ClusterServer, ClusterStream } from '../step/cluster-config.ts';

/** What a test wants otherwise than three healthy servers with twelve seamless streams. */
export interface GroupOptions {
  readonly servers?: number;
  readonly streams?: number;
  readonly config?: Partial<ClusterConfig>;
  readonly stream?: Partial<ClusterStream>;
  readonly server?: Partial<ClusterServer>;
}

export function testConfig(options: GroupOptions = {}): ClusterConfig {
  const { servers = 3, streams = 12 } = options;
  return {
    servers: Array.from({ length: servers }, (_, i) => ({
      name: serverName(`s${i + 1}`),
      fetchTimeout: millis(3_000),
      staleTimeout: millis(10_000),
      weight: 1,
      ...options.server,
    })),
    streams: Array.from({ length: streams }, (_, i) => ({
      name: streamName(`cam${i + 1}`),
      captureAt: undefined,
      handover: 'seamless' as const,
      sourceTimeout: millis(10_000),
      ...options.stream,
    })),
    failbackDelay: millis(5_000),
    handovers: 5,
    partition: 'capture',
    digest: 'one',
    ...options.config,
  };
}

export const at = (value: number): Instant => instant(value);
