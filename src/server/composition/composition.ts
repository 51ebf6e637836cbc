import type { Ends } from '../../events/ends/ends.ts';
import type { EventSync } from '../../events/journal/event-sync.ts';
import type { Chronicle } from '../../events/telling/chronicle.ts';
import type { Group } from '../../group/group.ts';
import type { OwnArchive } from '../archive/own-archive.ts';
import { LocalCaptures } from '../media/local-captures.ts';
import type { Control } from '../operate/control.ts';
import type { Reload } from '../operate/reload.ts';
import { Owners } from '../peers/owners.ts';
import type { HttpFront } from '../show/http-front.ts';
import { createArchive } from './create-archive.ts';
import { createChronicle, createEnds, createSync } from './create-events.ts';
import { createFront } from './create-front.ts';
import { createGroup } from './create-group.ts';
import { createMedia } from './create-media.ts';
import { createControl, createReload } from './create-operation.ts';
import type { Ground } from './ground.ts';
import type { MediaSide } from './media-side.ts';
import type { Parts } from './parts.ts';

/** Makes the parts of a server, each once. Nothing runs yet. */
export class Composition implements Parts {
  readonly group: Group;
  readonly owners: Owners;
  readonly media: MediaSide;
  readonly archive: OwnArchive;
  readonly local: LocalCaptures;
  readonly chronicle: Chronicle;
  readonly ends: Ends;
  readonly sync: EventSync;
  readonly reload: Reload;
  readonly control: Control;
  readonly front: HttpFront;

  /** `left`: the group has said its goodbye. */
  constructor(ground: Ground, left: () => void) {
    this.owners = new Owners(ground.config, () => this.group.core, ground.options.clock);
    this.chronicle = createChronicle(ground, this);
    this.media = createMedia(ground, this);
    this.archive = createArchive(ground, this);
    this.group = createGroup(ground, this, left);
    this.sync = createSync(ground, this);
    this.ends = createEnds(ground, this);
    this.local = new LocalCaptures(this.media.captures);
    this.reload = createReload(ground, this);
    this.control = createControl(ground, this);
    this.front = createFront(ground, this);
  }
}
