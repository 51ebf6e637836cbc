import type { Ends } from '../../events/ends/ends.ts';
import type { EventSync } from '../../events/journal/event-sync.ts';
import type { Chronicle } from '../../events/telling/chronicle.ts';
import type { Group } from '../../group/group.ts';
import type { OwnArchive } from '../archive/own-archive.ts';
import type { LocalCaptures } from '../media/local-captures.ts';
import type { Control } from '../operate/control.ts';
import type { Reload } from '../operate/reload.ts';
import type { Owners } from '../peers/owners.ts';
import type { HttpFront } from '../show/http-front.ts';
import type { MediaSide } from './media-side.ts';

/**
 * The parts of a running server. They need each other in a circle: captures tell the group what becomes of them, and the group starts them.
 * So whoever makes a part takes of the others only functions that look them up when they are called, and nothing is called before all are there.
 */
export interface Parts {
  /** This server's membership: core, trust, exchange. */
  readonly group: Group;
  /** Who has which stream. */
  readonly owners: Owners;
  readonly media: MediaSide;
  /** What this server records. */
  readonly archive: OwnArchive;
  /** The captures that no core knows. */
  readonly local: LocalCaptures;
  /** What happened here, and what it cost. */
  readonly chronicle: Chronicle;
  /** Where timelines ended, here and at the peers. */
  readonly ends: Ends;
  /** What happened elsewhere. */
  readonly sync: EventSync;
  readonly reload: Reload;
  readonly control: Control;
  /** The one port. */
  readonly front: HttpFront;
}
