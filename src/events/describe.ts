import type { ClusterNotice } from '../cluster/step/notice.ts';
import { unreachable } from '../units/assert.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import type { EventKind } from './journal-event.ts';

/** What an event says, before the chronicle adds who, when and how much was lost. */
export interface Told {
  readonly kind: EventKind;
  readonly stream?: StreamName;
  readonly from?: ServerName;
  readonly to?: ServerName;
  readonly cause?: string;
  readonly tookMs?: number;
  readonly lostMs?: number;
  readonly message: string;
}

/** The event of a notice; undefined for what is only worth a line in the log. `takeover` and `captured` are the chronicle's. */
export function tell(
  notice: Exclude<ClusterNotice, { kind: 'takeover' | 'captured' }>,
  self: ServerName,
): Told | undefined {
  switch (notice.kind) {
    case 'server-up':
      return { kind: notice.kind, from: notice.server, cause: notice.cause, message: `${notice.server} is up` };
    case 'server-suspect':
      return { kind: notice.kind, from: notice.server, message: `${notice.server} is heard only by others` };
    case 'server-down':
      return {
        kind: notice.kind,
        from: notice.server,
        cause: notice.cause,
        tookMs: Math.round(notice.unheardMs),
        message: `${notice.server} is down: ${notice.cause}, unheard for ${seconds(notice.unheardMs)}`,
      };
    case 'server-draining':
      return {
        kind: notice.draining ? 'drain' : 'undrain',
        from: notice.server,
        message: `${notice.server} ${notice.draining ? 'gives its streams away' : 'takes streams again'}`,
      };
    case 'settled':
      return {
        kind: notice.kind,
        tookMs: Math.round(notice.afterMs),
        message: `${self} has settled after ${seconds(notice.afterMs)}`,
      };
    case 'failback':
      return {
        kind: notice.kind,
        stream: notice.stream,
        from: notice.from,
        to: self,
        cause: 'returned',
        tookMs: Math.round(notice.tookMs),
        message: `${notice.stream} is back at ${self}, from ${notice.from}`,
      };
    case 'handover':
      return {
        kind: notice.kind,
        stream: notice.stream,
        from: self,
        to: notice.to,
        cause: notice.cause,
        tookMs: Math.round(notice.tookMs),
        message: `${notice.stream} handed over to ${notice.to}`,
      };
    case 'handover-failed':
      return {
        kind: notice.kind,
        stream: notice.stream,
        from: notice.peer,
        cause: notice.reason,
        message: `${notice.stream} stays at ${notice.peer}: ${notice.reason}; tried again in ${seconds(notice.retryInMs)}`,
      };
    case 'duplicate-stopped':
      return {
        kind: notice.kind,
        stream: notice.stream,
        from: self,
        to: notice.keptBy,
        message: `${notice.stream} was captured twice; ${notice.keptBy} keeps it`,
      };
    case 'source-lost':
      return {
        kind: notice.kind,
        stream: notice.stream,
        cause: notice.error,
        message: `${notice.stream}: source lost`,
      };
    case 'source-found':
      return {
        kind: notice.kind,
        stream: notice.stream,
        lostMs: Math.round(notice.lostMs),
        message: `${notice.stream}: source found again after ${seconds(notice.lostMs)}`,
      };
    case 'config-drift':
      return {
        kind: notice.kind,
        message: notice.resolved
          ? 'all live servers have the same configuration again'
          : `the configuration differs on ${notice.peers.join(', ')}`,
      };
    default:
      return unreachable(notice);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
