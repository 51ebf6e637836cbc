import type { EventRecord, EventsPort } from '../../api/ports.ts';
import type { Journal } from '../../events/journal.ts';
import { eventId, type JournalEvent } from '../../events/journal-event.ts';
import { millis } from '../../units/time.ts';

/** The journal as the API reads it. */
export function eventsPort(journal: Journal): EventsPort {
  return {
    list: async (query) => (await journal.list(query)).map(toRecord),
  };
}

function toRecord(event: JournalEvent): EventRecord {
  const { at, server, kind, message, stream, from, to, cause, tookMs, lostMs } = event;
  return {
    id: eventId(event),
    at,
    server,
    kind,
    message,
    ...(stream !== undefined && { stream }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(cause !== undefined && { cause }),
    ...(tookMs !== undefined && { took: millis(tookMs) }),
    ...(lostMs !== undefined && { videoLost: millis(lostMs) }),
  };
}
