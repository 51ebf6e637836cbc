import type { ClusterCore } from '../../src/cluster/step/core.ts';
import type { ServerView, StreamView } from '../../src/cluster/step/view.ts';
import type { ServerName, StreamName } from '../../src/units/ids.ts';
import { type Instant, instant } from '../../src/units/time.ts';

/** A core that decides nothing and tells what a test has set. */
export class FakeCore implements ClusterCore {
  readonly owners = new Map<StreamName, ServerName>();
  readonly serverViews: ServerView[] = [];
  readonly streamViews: StreamView[] = [];
  /** How often the servers were asked for. */
  looks = 0;

  addServer(name: ServerName, more: Partial<ServerView> = {}): void {
    this.serverViews.push({
      name,
      self: false,
      state: 'alive',
      lastHeard: undefined,
      incarnation: undefined,
      configDigest: undefined,
      minority: false,
      captured: 0,
      ...more,
    });
  }

  step(): [] {
    return [];
  }

  nextWake(): Instant {
    return instant(0);
  }

  home(): ServerName | undefined {
    return undefined;
  }

  owner(stream: StreamName): ServerName | undefined {
    return this.owners.get(stream);
  }

  servers(): ServerView[] {
    this.looks += 1;
    return this.serverViews;
  }

  streams(): StreamView[] {
    return this.streamViews;
  }
}
