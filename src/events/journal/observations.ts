import type { ServerName } from '../../units/ids.ts';
import type { EventKind } from './event-kinds.ts';
import { inOrder, type JournalEvent } from './journal-event.ts';

/** An event as people read it. */
export interface Observation {
  /** As its first witness told it. */
  readonly event: JournalEvent;
  /** All who told the same, in the order in which they saw it; of most kinds only one server can tell. */
  readonly observedBy: readonly ServerName[];
}

/** What every server tells of what it sees of the others. */
const seenByAll: ReadonlySet<EventKind> = new Set([
  'server-up',
  'server-suspect',
  'server-down',
  'peer-refused',
  'config-drift',
  'config-agreed',
]);

/** All see the same death within a fetch and a stale_timeout or so of each other; who sees it later saw something else. */
const sameWithinMicros = 30_000_000;

/** The events, oldest first, with what several servers saw alike told once. The journal keeps each server's word. */
export function observationsOf(events: readonly JournalEvent[]): Observation[] {
  const found: { readonly event: JournalEvent; readonly observedBy: ServerName[] }[] = [];
  const latest = new Map<string, (typeof found)[number]>();
  for (const event of events.toSorted(inOrder)) {
    const key = keyOf(event);
    const same = key === undefined ? undefined : latest.get(key);
    if (same !== undefined && isSame(same, event)) {
      same.observedBy.push(event.server);
      continue;
    }
    const observation = { event, observedBy: [event.server] };
    found.push(observation);
    if (key !== undefined) latest.set(key, observation);
  }
  return found;
}

/** What it is about: a life of a server, or the group's configuration. */
function keyOf({ kind, from, fromLife }: JournalEvent): string | undefined {
  return seenByAll.has(kind) ? `${kind} ${from ?? ''} ${fromLife ?? ''}` : undefined;
}

/** Who tells the same again has seen it twice. */
function isSame({ event: first, observedBy }: Observation, event: JournalEvent): boolean {
  return event.at - first.at <= sameWithinMicros && !observedBy.includes(event.server);
}
