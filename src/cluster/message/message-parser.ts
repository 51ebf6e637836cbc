import {
  type Incarnation,
  incarnation,
  type ServerName,
  type StreamName,
  serverName,
  streamName,
} from '../../units/ids.ts';
import { amount, count, type Fields, fields, list, optional, parsed, text } from '../../units/json-fields.ts';
import { type Cause, causes } from './cause.ts';
import { type ClaimPhase, claimPhases } from './claim.ts';
import type { ClaimNews, Hearsay, Known, Message, StandingNews, StateNews, Want } from './message.ts';
import { rebirths, type ServerStatus } from './server-status.ts';

/** No configuration has as many streams or servers; a peer that says more is broken. */
const mostStreams = 100_000;
const mostServers = 1_000;
const longestName = 1_024;

/** The message in parsed JSON, or undefined when it is none. Never throws; ignores what it does not know. */
export function parseMessage(value: unknown): Message | undefined {
  return parsed(() => message(fields(value)));
}

function message(from: Fields): Message {
  return {
    state: state(fields(from.state)),
    known: optional(from.known, known),
    waitMs: amount(from.waitMs ?? 0),
    heard: list(from.heard ?? [], mostServers, hearsay),
    wants: list(from.wants ?? [], mostServers, want),
    relays: list(from.relays ?? [], mostServers, (one) => state(fields(one))),
    had: list(from.had ?? [], mostStreams, stream),
  };
}

function state(from: Fields): StateNews {
  return {
    server: server(from.server),
    incarnation: life(from.incarnation),
    status: status(fields(from.status)),
    base: optional(from.base, count),
    revision: count(from.revision),
    standings: list(from.standings ?? [], mostStreams, standing),
  };
}

function status(from: Fields): ServerStatus {
  return {
    settled: from.settled === true,
    draining: from.draining === true,
    leaving: from.leaving === true,
    penalized: from.penalized === true,
    minority: from.minority === true,
    digest: text(from.digest ?? '', longestName),
    ...born(from.born),
  };
}

/** A reason that a later version invented is none. */
function born(value: unknown): Pick<ServerStatus, 'born'> {
  const reason = rebirths.find((known) => known === value);
  return reason === undefined ? {} : { born: reason };
}

function standing(value: unknown): StandingNews {
  const from = fields(value);
  return {
    stream: stream(from.stream),
    claim: optional(from.claim, claim),
    failures: count(from.failures ?? 0),
    marked: from.marked === true,
  };
}

function claim(value: unknown): ClaimNews {
  const from = fields(value);
  const source = count(from.source ?? 0);
  return {
    phase: phase(from.phase),
    from: optional(from.from, server),
    to: optional(from.to, server),
    ...(source > 0 && { source }),
    forMs: amount(from.forMs ?? 0),
  };
}

/** A phase that a later version invented is a claim all the same. */
function phase(value: unknown): ClaimPhase {
  const name = text(value);
  return claimPhases.find((known) => known === name) ?? 'trying';
}

function known(value: unknown): Known {
  const from = fields(value);
  return { incarnation: life(from.incarnation), revision: count(from.revision) };
}

function want(value: unknown): Want {
  const from = fields(value);
  return { server: server(from.server), known: optional(from.known, known) };
}

function hearsay(value: unknown): Hearsay {
  const from = fields(value);
  return {
    server: server(from.server),
    incarnation: optional(from.incarnation, life),
    agoMs: optional(from.agoMs, amount),
    dead: optional(from.dead, cause),
    restarts: count(from.restarts ?? 0),
  };
}

function cause(value: unknown): Cause {
  const name = text(value);
  return causes.find((known) => known === name) ?? 'silent';
}

function server(value: unknown): ServerName {
  return serverName(text(value, longestName));
}

function stream(value: unknown): StreamName {
  return streamName(text(value, longestName));
}

function life(value: unknown): Incarnation {
  return incarnation(count(value));
}
