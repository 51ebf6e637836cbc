import type { Cause } from '../../cluster/message/cause.ts';
import type { ClusterNotice } from '../../cluster/step/notice.ts';
import { unreachable } from '../../units/assert.ts';
import type { ServerName } from '../../units/ids.ts';
import type { JournalEvent } from '../journal/journal-event.ts';

/** What an event says, before the chronicle adds who and when. */
export type Told = Omit<JournalEvent, 'server' | 'life' | 'sequence' | 'at' | 'unknown'>;

/** Notices that the chronicle makes events of itself, with what it knows beside, or none. */
type Composed = 'settled' | 'drained' | 'takeover' | 'captured' | 'given' | 'server-draining';

/** The event of a notice of the core of server `self`, as far as the notice tells. */
export function tell(notice: Exclude<ClusterNotice, { kind: Composed }>, self: ServerName): Told {
  const { kind } = notice;
  switch (kind) {
    case 'server-up':
    case 'server-suspect':
    case 'server-down':
      return tellServer(notice);
    case 'drain':
    case 'undrain':
    case 'minority':
    case 'stood-still':
      return tellOwn(notice, self);
    case 'failback':
    case 'handover':
    case 'handover-failed':
    case 'duplicate-stopped':
      return tellMove(notice, self);
    case 'source-lost':
    case 'source-found':
      return tellSource(notice, self);
    case 'config-drift':
    case 'config-agreed':
      return tellDrift(notice);
    default:
      return unreachable(kind);
  }
}

type Of<K extends ClusterNotice['kind']> = Extract<ClusterNotice, { kind: K }>;

function tellServer(notice: Of<'server-up' | 'server-suspect' | 'server-down'>): Told {
  const { kind, server, incarnation, cause } = notice;
  const told = { kind, from: server, ...(incarnation !== undefined && { fromLife: incarnation }), cause };
  if (kind === 'server-up') {
    const { downMs } = notice;
    const down = downMs === undefined ? '' : ` after ${seconds(downMs)}`;
    const words: Partial<Record<Cause, string>> = {
      started: 'is up',
      restarted: 'is up again',
      'stood-still': 'stood still and begins anew',
      outlived: 'begins anew',
    };
    const message = `${server} ${words[cause] ?? 'is heard again'}${down}`;
    return { ...told, ...(downMs !== undefined && { tookMs: downMs }), message };
  }
  const unheard = seconds(notice.unheardMs);
  if (kind === 'server-suspect') {
    const how = cause === 'refused' ? 'its address refuses connections' : `silent here for ${unheard}`;
    return { ...told, tookMs: notice.unheardMs, message: `${server} is heard by other servers only: ${how}` };
  }
  if (cause === 'leave') return { ...told, message: `${server} has left` };
  const how = cause === 'silent' ? `silent for ${unheard}` : `its process is gone, last heard ${unheard} ago`;
  return { ...told, tookMs: notice.unheardMs, message: `${server} is down: ${how}` };
}

function tellOwn(notice: Of<'drain' | 'undrain' | 'minority' | 'stood-still'>, self: ServerName): Told {
  switch (notice.kind) {
    case 'drain': {
      const words: Partial<Record<Cause, string>> = {
        leave: 'it was told to leave',
        config: 'its configuration no longer names it',
      };
      const reason = words[notice.cause] ?? 'an operator asked for it';
      const what = notice.streams === 0 ? 'has no streams to give away' : `gives ${streams(notice.streams)} away`;
      return { kind: 'drain', from: self, cause: notice.cause, message: `${self} ${what}: ${reason}` };
    }
    case 'undrain': {
      const message = `${self} takes streams again after ${seconds(notice.drainedMs)}`;
      return { kind: 'undrain', from: self, cause: 'operator', tookMs: notice.drainedMs, message };
    }
    case 'minority': {
      const message = notice.begins
        ? `${self} is on the smaller side of the group, without ${list(notice.away)}: it captures nothing`
        : `${self} is on the larger side of the group again`;
      const kind = notice.begins ? 'minority' : 'majority';
      return { kind, from: self, cause: 'partition', message };
    }
    case 'stood-still': {
      const stood = `${self} stood still for ${seconds(notice.forMs)}`;
      const message = notice.beginsAnew
        ? `${stood}, its peers took its streams: it begins anew`
        : `${stood}, too short for its peers to take its streams`;
      return { kind: 'stood-still', from: self, cause: 'stood-still', tookMs: notice.forMs, message };
    }
  }
}

/** A new life is on no side until it has settled; if it finds itself on the smaller one again, that is told anew. */
export function tellNewLifeApart(self: ServerName): Told {
  const message = `${self} begins anew: it is on the smaller side of the group no more, as far as it knows`;
  return { kind: 'majority', from: self, cause: 'partition', message };
}

function tellMove(
  notice: Of<'failback' | 'handover' | 'handover-failed' | 'duplicate-stopped'>,
  self: ServerName,
): Told {
  const { kind, stream } = notice;
  switch (kind) {
    case 'failback':
    case 'handover': {
      const { from } = notice;
      const cause = kind === 'failback' ? 'returned' : notice.cause;
      const what = kind === 'failback' ? `is back at ${self}, from ${from}` : `handed over to ${self}, from ${from}`;
      return { kind, stream, from, to: self, cause, tookMs: Math.round(notice.tookMs), message: `${stream} ${what}` };
    }
    case 'handover-failed': {
      const { peer, reason, tookMs, retryInMs } = notice;
      const message = `${stream} stays at ${peer}: ${self} ${reason}; tried again in ${seconds(retryInMs)}`;
      return { kind, stream, from: peer, to: self, cause: reason, tookMs, message };
    }
    case 'duplicate-stopped': {
      const message = `${stream} was captured twice: ${self} stops, ${notice.keptBy} goes on`;
      return { kind, stream, from: self, to: notice.keptBy, cause: 'duplicate', message };
    }
  }
}

function tellSource(notice: Of<'source-lost' | 'source-found'>, self: ServerName): Told {
  const { kind, stream, darkMs } = notice;
  if (kind === 'source-lost') {
    const message = `${self} has no video of ${stream} for ${seconds(darkMs)}: ${notice.error}`;
    return { kind, stream, from: self, cause: notice.error, tookMs: darkMs, message };
  }
  const message = `${stream} has frames again, at ${self}, after ${seconds(darkMs)}`;
  return { kind, stream, to: self, cause: 'source-found', tookMs: darkMs, message };
}

function tellDrift(notice: Of<'config-drift' | 'config-agreed'>): Told {
  const { kind, cause } = notice;
  if (kind === 'config-agreed') {
    const message = `all live servers follow configuration ${short(notice.digest)} again, after ${seconds(notice.afterMs)}`;
    return { kind, cause, tookMs: notice.afterMs, message };
  }
  const parts = notice.followers.map(
    ({ digest, servers }) => `${list(servers)} ${servers.length === 1 ? 'follows' : 'follow'} ${short(digest)}`,
  );
  return { kind, cause, message: `the configuration differs: ${parts.join('; ')}` };
}

/** Why a stream is no longer at a server that had it. */
export function whyGone(cause: Cause, server: ServerName): string {
  const words: Partial<Record<Cause, string>> = {
    'process-dead': `the process of ${server} is gone`,
    silent: `${server} is silent`,
    leave: `${server} has left`,
    drain: `${server} gives its streams away`,
    'source-lost': `${server} got no frames from the source`,
    restarted: `${server} was restarted`,
    'stood-still': `${server} stood still`,
    outlived: `${server} began anew`,
    config: `${server} is no longer in the configuration`,
    unclaimed: 'nobody captured it',
  };
  return words[cause] ?? cause;
}

/** Why the input of a stream was opened anew at the server that had it: a cause of the core, or what the source did. */
export function whyInterrupted(cause: string): string {
  if (cause === 'reload') return 'a reload opened its input anew';
  if (cause === 'restarted') return 'its server was restarted';
  if (cause === 'stood-still') return 'its server stood still';
  return cause === 'unclaimed' ? 'it was to be handed over, and came back' : cause;
}

/** Milliseconds that a tenth of a second rounds to nothing: less than two frames. */
const leastShown = 50;

/** What was lost, as the end of a sentence. `undefined`: nobody can know. */
export function lossPhrase(lostMs: number | undefined): string {
  if (lostMs === undefined) return ', how much video was lost is not known';
  return lostMs < leastShown ? ', no video lost' : `, ${seconds(lostMs)} of video lost`;
}

export function streams(count: number): string {
  return count === 1 ? '1 stream' : `${count} streams`;
}

/** `s1`, `s1 and s2`, `s1, s2 and 3 others`. */
export function list(servers: readonly ServerName[]): string {
  const shown = servers.length > 4 ? [...servers.slice(0, 3), `${servers.length - 3} others`] : servers;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Enough of a digest to tell two apart and to find it in `headwater status`. */
function short(digest: string): string {
  return digest.slice(0, 8);
}
