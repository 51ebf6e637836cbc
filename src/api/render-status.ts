import type { ChangeNote } from '../config/change/change-note.ts';
import { between, type Instant } from '../units/time.ts';
import type { ConfigDiagnostic, ConfigStatus, EventRecord, ServerStatus, StreamStatus } from './ports.ts';
import type { ChangeJson, ConfigJson, DiagnosticJson, EventJson, ServerJson, StreamJson } from './schema.ts';

/** What is known, in the shapes of the API. Ages are whole milliseconds and never negative. */
export function renderServer({ view, version, clockSkew, publicUrl }: ServerStatus, now: Instant): ServerJson {
  return {
    name: view.name,
    self: view.self,
    state: view.state,
    cause: view.cause ?? null,
    lastHeardMs: view.self ? 0 : age(view.lastHeard, now),
    streams: view.captured,
    version: version ?? null,
    incarnation: view.incarnation ?? null,
    configDigest: view.configDigest ?? null,
    clockSkewMs: clockSkew === undefined ? null : Math.round(clockSkew),
    publicUrl,
  };
}

export function renderStream({ view, media, lastFrameAge, source, error }: StreamStatus, now: Instant): StreamJson {
  return {
    name: view.name,
    state: view.state,
    home: view.home ?? null,
    capturedBy: view.capturedBy ?? null,
    triedBy: view.triedBy ?? null,
    standIn: view.capturedBy !== undefined && view.home !== undefined && view.capturedBy !== view.home,
    sinceMs: age(view.since, now),
    lastFrameMs: lastFrameAge === undefined ? null : wholeMs(lastFrameAge),
    source: media?.source ?? source,
    bitrateBps: media?.bitrateBps === undefined ? null : Math.round(media.bitrateBps),
    lostSegmentsTotal: media?.lostSegmentsTotal ?? null,
    tracks: [...(media?.tracks ?? [])],
    error: error ?? null,
  };
}

export function renderEvent(event: EventRecord): EventJson {
  return {
    id: event.id,
    time: isoTime(event.at),
    server: event.server,
    observedBy: [...event.observedBy],
    kind: event.kind,
    stream: event.stream ?? null,
    from: event.from ?? null,
    to: event.to ?? null,
    source: event.source ?? null,
    cause: event.cause ?? null,
    message: event.message,
    tookMs: event.took === undefined ? null : wholeMs(event.took),
    videoLostMs: event.videoLost === undefined ? null : wholeMs(event.videoLost),
    videoLostFrom: event.videoLostFrom === undefined ? null : isoTime(event.videoLostFrom),
    videoLostTo: event.videoLostTo === undefined ? null : isoTime(event.videoLostTo),
  };
}

export function renderConfig(status: ConfigStatus): ConfigJson {
  return {
    digest: status.digest,
    loadedAt: isoTime(status.loadedAt),
    diagnostics: status.diagnostics.map(renderDiagnostic),
  };
}

export function renderChange({ kind, name, directives }: ChangeNote): ChangeJson {
  return { kind, name: name ?? null, directives: [...directives] };
}

export function renderDiagnostic(diagnostic: ConfigDiagnostic): DiagnosticJson {
  const { severity, file, line, column, message, hint } = diagnostic;
  return { severity, file, line, column, message, hint: hint ?? null };
}

function age(at: Instant | undefined, now: Instant): number | null {
  return at === undefined ? null : wholeMs(between(at, now));
}

function wholeMs(span: number): number {
  return Math.max(0, Math.round(span));
}

function isoTime(at: number): string {
  return new Date(at / 1000).toISOString();
}
