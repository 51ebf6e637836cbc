import { z } from 'zod';
import { eventKinds } from '../events/journal/event-kinds.ts';
import { type ErrorCode, errorCodes } from '../units/app-error.ts';
import { readinesses } from './ports.ts';

/**
 * The shapes of the API: camelCase, lists in an envelope, the unit at the end of a name, what is unknown is `null` and never left out.
 * Types, OpenAPI and the reference page come from here.
 */

/** The schemas that OpenAPI names, by their names there. */
export const apiSchemas = z.registry<{ readonly id: string }>();

const age = (what: string) => z.number().nonnegative().nullable().describe(`Milliseconds since ${what}; null: never.`);

const serverSchema = z
  .object({
    name: z.string(),
    self: z.boolean().describe('The server that answers.'),
    state: z.enum(['alive', 'suspect', 'dead', 'draining', 'booting']),
    cause: z
      .string()
      .nullable()
      .describe(
        'Why it is dead: leave (it said goodbye), process-dead (nobody listens there), silent; later versions may add others.',
      ),
    lastHeardMs: age('it was last heard, directly or through others').describe(
      'Milliseconds since it was last heard, directly or through others; 0 for itself; null: never.',
    ),
    streams: z.number().int().nonnegative().describe('How many streams it captures with frames.'),
    version: z.string().nullable().describe('Of the program.'),
    incarnation: z.number().int().nullable().describe('Grows with every life of its process.'),
    configDigest: z.string().nullable().describe('Equal on servers whose configuration says the same.'),
    clockSkewMs: z.number().nullable().describe("Its system clock minus the answering server's."),
    publicUrl: z.string().describe('Where viewers reach it.'),
  })
  .register(apiSchemas, { id: 'Server' });

const trackSchema = z
  .object({
    kind: z.enum(['video', 'audio', 'unsupported']),
    codec: z.string(),
    width: z.number().int().optional(),
    height: z.number().int().optional(),
    sampleRate: z.number().int().optional().describe('Hz.'),
    channels: z.number().int().optional(),
  })
  .register(apiSchemas, { id: 'Track' });

export const streamSchema = z
  .object({
    name: z.string(),
    state: z
      .enum(['running', 'starting', 'waiting', 'error', 'idle'])
      .describe(
        'running: captured with frames. error: tried in vain since anybody last had frames, and tried again and again. starting: a source is being opened for the first time. waiting: nobody may start it yet. idle: nobody wants it.',
      ),
    home: z.string().nullable().describe('The server that should capture it when all are up.'),
    capturedBy: z
      .string()
      .nullable()
      .describe('Who has its frames, or had them last and has tried without a break since; null: nobody.'),
    triedBy: z.string().nullable().describe('While it does not run: who tries, or tried last.'),
    standIn: z.boolean().describe('Captured by another server than its home.'),
    sinceMs: age('`capturedBy` has it').describe('Milliseconds since `capturedBy` has it; null: nobody has it.'),
    lastFrameMs: age('its last frame').describe(
      'Milliseconds since anybody in the group last had a frame of it, or since it is configured on the answering server when that knows of none; null: its owner has not told yet.',
    ),
    source: z
      .string()
      .describe(
        'The URL in use. Masked as far as a password can be told from a name: see the reference page of the API.',
      ),
    bitrateBps: z.number().nonnegative().nullable().describe('Bits a second that come in.'),
    lostSegmentsTotal: z
      .number()
      .int()
      .nonnegative()
      .nullable()
      .describe('Segments that the disk of its owner did not take since the capture there began.'),
    tracks: z.array(trackSchema),
    error: z.string().nullable().describe('Why it does not run.'),
  })
  .register(apiSchemas, { id: 'Stream' });

const eventSchema = z
  .object({
    id: z.string().describe('The same on all servers that know the event.'),
    time: z.iso.datetime().describe('UTC.'),
    server: z.string().describe('Who told it, first of all who did.'),
    observedBy: z.array(z.string()).describe('All who saw the same, in the order in which they saw it.'),
    kind: z.string().describe(`One of ${Object.keys(eventKinds).join(', ')}; later versions may add others.`),
    stream: z.string().nullable(),
    from: z.string().nullable().describe('The server that it is about, or that had the stream.'),
    to: z.string().nullable().describe('The server that has the stream now.'),
    source: z.string().nullable().describe('The URL in use, credentials masked.'),
    cause: z.string().nullable().describe('Why.'),
    message: z.string().describe('A sentence for people.'),
    tookMs: z.number().nonnegative().nullable().describe('How long it took, or had lasted by then.'),
    videoLostMs: z
      .number()
      .nonnegative()
      .nullable()
      .describe('Missing from the timeline of the stream; null: none was at stake, or nobody can know.'),
    videoLostFrom: z.iso
      .datetime()
      .nullable()
      .describe(
        'Where it is missing, UTC; of several holes, the begin of the first. Null: nothing is missing, or it is not known.',
      ),
    videoLostTo: z.iso.datetime().nullable().describe('Where it goes on; of several holes, behind the last.'),
  })
  .register(apiSchemas, { id: 'Event' });

export const diagnosticSchema = z
  .object({
    severity: z.enum(['error', 'warning']),
    file: z.string(),
    line: z.number().int(),
    column: z.number().int(),
    message: z.string(),
    hint: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'Diagnostic' });

export const configSchema = z
  .object({
    digest: z.string(),
    loadedAt: z.iso.datetime().describe('When the configuration in force was read, UTC.'),
    diagnostics: z
      .array(diagnosticSchema)
      .describe('Of the file that was read last; errors mean that it is not in force.'),
  })
  .register(apiSchemas, { id: 'ConfigStatus' });

export const serversSchema = z.object({ servers: z.array(serverSchema) }).register(apiSchemas, { id: 'ServerList' });
export const streamsSchema = z.object({ streams: z.array(streamSchema) }).register(apiSchemas, { id: 'StreamList' });
export const eventsSchema = z
  .object({ events: z.array(eventSchema) })
  .describe('Oldest first.')
  .register(apiSchemas, { id: 'EventList' });
export const drainSchema = z
  .object({
    streamsLeft: z.number().int().nonnegative().describe('That nobody else could take.'),
  })
  .register(apiSchemas, { id: 'Drained' });
export const undrainSchema = z.object({ draining: z.literal(false) }).register(apiSchemas, { id: 'Undrained' });
const changeSchema = z
  .object({
    kind: z.enum([
      'stream-added',
      'stream-removed',
      'stream-changed',
      'peer-added',
      'peer-removed',
      'peer-changed',
      'setting-changed',
    ]),
    name: z.string().nullable().describe('Of the stream or peer; null for what stands outside all blocks.'),
    directives: z.array(z.string()).describe('Those that say otherwise now, never with their values.'),
  })
  .register(apiSchemas, { id: 'ConfigChange' });
export const reloadSchema = z
  .object({
    digest: z.string(),
    streams: z.number().int().nonnegative().describe('Of the configuration in force.'),
    changes: z.array(changeSchema).describe('Empty when the file means what was in force.'),
    needsRestart: z.array(z.string()).describe('What takes effect when the server is started again.'),
    diagnostics: z.array(diagnosticSchema),
  })
  .register(apiSchemas, { id: 'Reloaded' });
export const archiveSchema = z
  .object({
    intervals: z
      .array(
        z.object({
          fromMs: z.number().describe('UTC, milliseconds since 1970.'),
          toMs: z.number().describe('UTC, milliseconds since 1970; the first moment behind it.'),
          bytes: z.number().int().nonnegative(),
          servers: z.array(z.string()).describe('That hold it now; so far the answering one alone.'),
        }),
      )
      .describe('Recorded without a gap each, in order.'),
  })
  .register(apiSchemas, { id: 'Archive' });
export const healthSchema = z.object({ status: z.literal('ok') }).register(apiSchemas, { id: 'Health' });
export const readinessSchema = z.object({ status: z.enum(readinesses) }).register(apiSchemas, { id: 'Readiness' });

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

export const errorSchema = z
  .object({
    error: z.object({
      code: z.enum(codes),
      message: z.string(),
      detail: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .register(apiSchemas, { id: 'Error' });

export type ServerJson = z.infer<typeof serverSchema>;
export type StreamJson = z.infer<typeof streamSchema>;
export type EventJson = z.infer<typeof eventSchema>;
export type ConfigJson = z.infer<typeof configSchema>;
export type ChangeJson = z.infer<typeof changeSchema>;
export type DiagnosticJson = z.infer<typeof diagnosticSchema>;
