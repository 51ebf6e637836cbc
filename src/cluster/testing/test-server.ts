import { incarnation, type ServerName, type StreamName } from '../../units/ids.ts';
import { createClusterCore } from '../cluster-core.ts';
import type { Rebirth } from '../message/server-status.ts';
import type { ClusterConfig } from '../step/cluster-config.ts';
import type { ClusterCore } from '../step/core.ts';
import type { Event } from '../step/event.ts';
import type { ClusterNotice } from '../step/notice.ts';

export interface Running {
  readonly attempt: number;
  readonly since: number;
  frames: boolean;
}

export interface OpenPoll {
  readonly peer: ServerName;
  readonly poll: number;
  reply: number | undefined;
  forgotten?: boolean;
}

/** One life of a server in the test. */
export class TestServer {
  readonly name: ServerName;
  readonly incarnation: number;
  readonly core: ClusterCore;
  readonly running = new Map<StreamName, Running>();
  readonly polls = new Map<ServerName, OpenPoll>();
  readonly notices: ClusterNotice[] = [];
  state: 'up' | 'frozen' | 'dead' = 'up';
  readonly backlog: Event[] = [];
  left = false;
  reincarnated = false;

  constructor(name: ServerName, life: number, config: ClusterConfig, born?: Rebirth) {
    this.name = name;
    this.incarnation = life;
    this.core = createClusterCore({ self: name, incarnation: incarnation(life), config, random: () => 0.5, born });
  }

  capturing(): string[] {
    return [...this.running].filter(([, one]) => one.frames).map(([stream]) => stream);
  }
}
