import type { ApiPorts, Readiness, ReloadResult, ServerStatus, StreamStatus } from '../../src/api/ports.ts';
import { incarnation } from '../../src/units/ids.ts';
import { instant, millis, unixMicros } from '../../src/units/time.ts';
import { cam, s01, s02 } from './fake-delivery.ts';

const servers: readonly ServerStatus[] = [
  {
    view: {
      name: s01,
      self: true,
      state: 'alive',
      lastHeard: undefined,
      incarnation: incarnation(7),
      configDigest: 'd1',
      minority: false,
      captured: 1,
    },
    version: '0.1.0',
    clockSkew: millis(0),
    publicUrl: 'http://s01.example:8080',
  },
  {
    view: {
      name: s02,
      self: false,
      state: 'dead',
      cause: 'leave',
      lastHeard: instant(1000),
      incarnation: undefined,
      configDigest: undefined,
      minority: false,
      captured: 0,
    },
    version: undefined,
    clockSkew: undefined,
    publicUrl: 'http://s02.example:8080',
  },
];

const captured = { capturedBy: s01, since: instant(4000), triedBy: undefined, framesUntil: undefined };

const stream: StreamStatus = {
  view: { name: cam, state: 'running', home: s02, owner: s01, ...captured },
  media: {
    source: 'rtsp://***@10.0.0.5/main',
    lastFrameAge: millis(40.4),
    bitrateBps: 4_000_000.4,
    bytesTotal: 12_345,
    damageTotal: 2,
    lostSegmentsTotal: 3,
    tracks: [{ kind: 'video', codec: 'avc1.64001f', width: 1280, height: 720 }],
  },
  lastFrameAge: millis(40.4),
  source: 'rtsp://***@10.0.0.5/main',
  error: undefined,
};

/** A group of two with one stream, as its API would find it. `overrides` replace single answers. */
export function fakeApi(
  overrides: { reload?: ReloadResult; readiness?: Readiness; editAuth?: { user: string; password: string } } = {},
): ApiPorts & { readonly verbs: string[] } {
  const verbs: string[] = [];
  return {
    verbs,
    status: {
      servers: () => servers,
      views: () => [stream.view],
      streams: (views = [stream.view]) => (views.some(({ name }) => name === cam) ? [stream] : []),
      stream: (name) => (name === cam ? stream : undefined),
      readiness: () => overrides.readiness ?? 'ready',
      config: () => ({ digest: 'd1', loadedAt: unixMicros(1_800_000_000_000_000), diagnostics: [] }),
    },
    events: {
      list: ({ limit }) =>
        Promise.resolve(
          [
            {
              id: 's01-7-1',
              at: unixMicros(1_800_000_000_123_000),
              server: s01,
              observedBy: [s01],
              kind: 'takeover',
              stream: cam,
              from: s02,
              cause: 'process-dead',
              message: 'site/cam01 taken over from s02',
              took: millis(640.2),
            },
          ].slice(0, limit),
        ),
    },
    archive: {
      intervals: (_stream, from, to) => [{ from, to, bytes: 77, servers: [s01] }],
    },
    control: {
      drain: async () => {
        verbs.push('drain');
        return { streamsLeft: 0 };
      },
      undrain: async () => {
        verbs.push('undrain');
      },
      reload: async () => {
        verbs.push('reload');
        const nothing = { streams: 1, changes: [], needsRestart: [], diagnostics: [] };
        return overrides.reload ?? { applied: true, digest: 'd2', ...nothing };
      },
    },
    editAuth: () => overrides.editAuth,
    now: () => instant(10_000),
    wall: () => unixMicros(1_800_000_000_000_000),
  };
}
