import type { ServerName } from '../../units/ids.ts';
import { serverName } from '../../units/ids.ts';
import type { JournalEvent } from './journal-event.ts';

/** The last event that a server knows of one origin; those of an origin travel in their order, so it knows all before, too. */
export interface Mark {
  readonly life: number;
  readonly sequence: number;
}

/** What a server knows of the whole group's events: one mark an origin. Two of them tell what one lacks of the other's. */
export class Known {
  readonly #marks = new Map<ServerName, Mark>();

  /** Takes note of an event; false when it is known already. */
  add(event: JournalEvent): boolean {
    if (this.has(event)) return false;
    this.#marks.set(event.server, { life: event.life, sequence: event.sequence });
    return true;
  }

  has(event: JournalEvent): boolean {
    const mark = this.#marks.get(event.server);
    return mark !== undefined && !isAfter(event, mark);
  }

  /** Whether these marks lie behind in nothing. */
  covers(other: Known): boolean {
    return [...other.#marks].every(([server, mark]) => {
      const own = this.#marks.get(server);
      return own !== undefined && !isAfter(mark, own);
    });
  }

  copy(): Known {
    const copy = new Known();
    for (const [server, mark] of this.#marks) copy.#marks.set(server, mark);
    return copy;
  }

  toWire(): unknown {
    return Object.fromEntries([...this.#marks].map(([server, mark]) => [server, [mark.life, mark.sequence]]));
  }

  /** Total: what is no mark is left out, so that its origin is sent whole. */
  static parse(value: unknown): Known {
    const known = new Known();
    if (typeof value !== 'object' || value === null) return known;
    for (const [server, mark] of Object.entries(value)) {
      if (!Array.isArray(mark)) continue;
      const [life, sequence] = mark as unknown[];
      if (typeof life === 'number' && typeof sequence === 'number')
        known.#marks.set(serverName(server), { life, sequence });
    }
    return known;
  }
}

function isAfter(a: Mark, b: Mark): boolean {
  return a.life > b.life || (a.life === b.life && a.sequence > b.sequence);
}
