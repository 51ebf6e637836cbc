import { z } from 'zod';

/** How a camera treats those who connect: what real ones do, and what they do when they are ill. */
const behaviourSchema = z.strictObject({
  /** `frozen`: accepts and answers, but sends no media; `dead`: closes what is open and refuses. */
  state: z.enum(['alive', 'frozen', 'dead']),
  /** What becomes of a second connection: both are served, it is refused, or the first one is dropped. */
  second: z.enum(['accept', 'refuse', 'drop-first']),
  /** Where a connection starts: with what comes next, or with a burst of the past back to the last keyframe. */
  start: z.enum(['live', 'burst']),
  audio: z.boolean(),
  /** Asked of everyone when present. */
  credentials: z.strictObject({ user: z.string(), password: z.string() }).nullable(),
  /** How credentials are asked for; HTTP always asks for basic. */
  auth: z.enum(['basic', 'digest', 'digest-sha256']),
  /** Sends everyone to this URL. */
  redirect: z.string().nullable(),
  /** RTSP: how long a session lives without a request from the client. */
  sessionTimeoutSeconds: z.number().positive(),
  /** RTSP: whether parameter sets are told in the SDP, or only in band. */
  sdpParameterSets: z.boolean(),
});

export type Behaviour = Readonly<z.infer<typeof behaviourSchema>>;

/** What the control port takes: any part of the behaviour, and a jump of all timestamps. */
export const controlSchema = behaviourSchema.partial().extend({ jumpSeconds: z.number().optional() });

export type Control = Readonly<z.infer<typeof controlSchema>>;

export const healthy: Behaviour = {
  state: 'alive',
  second: 'accept',
  start: 'live',
  audio: true,
  credentials: null,
  auth: 'digest',
  redirect: null,
  sessionTimeoutSeconds: 60,
  sdpParameterSets: true,
};
