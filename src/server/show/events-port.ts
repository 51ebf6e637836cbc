import type { EventRecord, EventsPort } from '../../api/ports.ts';
import type { Journal } from '../../events/journal/journal.ts';
import { eventId } from '../../events/journal/journal-event.ts';
import { type Observation, observationsOf } from '../../events/journal/observations.ts';
import { millis } from '../../units/time.ts';

/** The journal as the API reads it: what several servers saw alike, once. */
export function eventsPort(journal: Journal): EventsPort {
  return {
    async list({ since, until, limit }) {
      // A limit counts what is read by people; how many lines of the journal that takes is known when they are there.
      for (let most = limit; ; most *= 2) {
        const events = await journal.list({ since, until, limit: most });
        const observations = observationsOf(events);
        if (observations.length >= limit || events.length < most) return observations.slice(-limit).map(toRecord);
      }
    },
  };
}

function toRecord({ event, observedBy }: Observation): EventRecord {
  const { at, server, kind, message, stream, from, to, source, cause, tookMs } = event;
  const { lostMs, lostFrom, lostTo } = event;
  return {
    id: eventId(event),
    at,
    server,
    kind,
    message,
    observedBy,
    ...(stream !== undefined && { stream }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(source !== undefined && { source }),
    ...(cause !== undefined && { cause }),
    ...(tookMs !== undefined && { took: millis(tookMs) }),
    ...(lostMs !== undefined && { videoLost: millis(lostMs) }),
    ...(lostFrom !== undefined && { videoLostFrom: lostFrom }),
    ...(lostTo !== undefined && { videoLostTo: lostTo }),
  };
}
