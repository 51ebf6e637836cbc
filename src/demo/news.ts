import type { DemoEvent } from './observer.ts';

/** What fits under the table on a usual terminal. */
const keptLines = 10;
/** Events are told once; more than the group keeps in one answer need not be remembered. */
const rememberedEvents = 2000;
/** What several servers see of a third they tell within this span: a stagger and an exchange. */
const sameWithinMs = 3_000;

/** Of a third server: all who see it tell. */
const aboutServers = ['server-up', 'server-down', 'server-suspect'];

interface Line {
  /** ISO, UTC. */
  readonly at: string;
  readonly text: string;
}

/** What happened, each thing once, in the order in which it did: servers learn of each other's events later than of their own. */
export class News {
  readonly #lines: Line[] = [];
  readonly #known = new Set<string>();
  /** When the last event of this kind about this server was. */
  readonly #lastAbout = new Map<string, number>();

  /** Takes what is new of these, and returns it as lines for those who only see what is added. */
  events(events: readonly DemoEvent[]): string[] {
    return [...events]
      .sort((a, b) => a.time.localeCompare(b.time))
      .filter((event) => this.#isNew(event))
      .map((event) => this.add(event.time, sentence(event)));
  }

  /** `at`: ISO, UTC. Returns the line. */
  add(at: string, text: string): string {
    const line = { at, text };
    const before = this.#lines.findLastIndex((earlier) => earlier.at <= at);
    this.#lines.splice(before + 1, 0, line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    return show(line);
  }

  /** The newest last. */
  get lines(): readonly string[] {
    return this.#lines.map(show);
  }

  #isNew(event: DemoEvent): boolean {
    if (this.#known.has(event.id)) return false;
    this.#known.add(event.id);
    const oldest = this.#known.values().next();
    if (this.#known.size > rememberedEvents && !oldest.done) this.#known.delete(oldest.value);
    return !aboutServers.includes(event.kind) || this.#isFirstAbout(event);
  }

  #isFirstAbout({ kind, from, time }: DemoEvent): boolean {
    const about = `${kind} ${from}`;
    const at = Date.parse(time);
    const last = this.#lastAbout.get(about) ?? Number.NEGATIVE_INFINITY;
    this.#lastAbout.set(about, Math.max(last, at));
    return Math.abs(at - last) > sameWithinMs;
  }
}

function show({ at, text }: Line): string {
  return `${at.slice(11, 23)} ${text}`;
}

/** What took any time is told with it, before what a narrow terminal cuts: from the moment it was known to be needed to the first frames. */
function sentence({ kind, server, message, tookMs }: DemoEvent): string {
  if (!['takeover', 'failback', 'handover'].includes(kind) || typeof tookMs !== 'number')
    return `${server}: ${message}`;
  return message.replace(/[:,]|$/, ` in ${(tookMs / 1000).toFixed(2)} s$&`);
}
