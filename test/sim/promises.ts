import { bounds } from '../../src/cluster/step/bounds.ts';
import { jitterCut } from './network/sim-network.ts';
import type { WorldOptions } from './options.ts';

/**
 * How long things may take, as formulas of what is configured, of the simulated network and of the core's published waits.
 * Each checker names the one it holds the core to. A number grows only with a reason written beside it.
 */
export interface Promises {
  /** There and back on a network with nothing wrong. */
  readonly roundTripMs: number;
  /** A change reaches a peer when nothing is wrong between them *now*, whatever was before. */
  readonly newsMs: number;
  /** Two servers hear each other at least this often, with nothing wrong between them for as long. */
  readonly heardEveryMs: number;
  /** From `kill -9` to the start of a capture elsewhere. */
  readonly killMs: number;
  /** From falling silent to the start of a capture elsewhere. */
  readonly silenceMs: number;
  /** Booting, from the first event of a life to `settled`. */
  readonly settleMs: number;
  /** Two captures of one stream, nobody having agreed to it. */
  readonly doubleMs: number;
  /** Two captures of one stream during an agreed handover. */
  readonly overlapMs: number;
  /** No attempt by anybody though somebody could, beside what each disturbance may add. */
  readonly unattendedMs: number;
  readonly unattendedPerDisturbanceMs: number;
  /** No frames though somebody could get them. */
  readonly darkMs: number;
  /** From the end of all faults to every stream captured by exactly one. */
  readonly capturedOnceMs: number;
  /** From the end of all faults to every stream captured by its home. */
  readonly allHomeMs: number;
  /** From being asked to leave to the end of the process. */
  readonly leaveMs: number;
  /** A parked request's answer. */
  readonly parkMs: number;
}

/** Lost packets in a row that the bounds allow for: a fourth one at the 1 % of a lossy world comes once in 10⁸. */
const lossesInARow = 3;

/** An event loop with nothing wrong is this late: timers, and one event after another. */
const promptMs = 20;

export function promisesOf(options: WorldOptions): Promises {
  const { network, staleMs, fetchMs, sourceTimeoutMs, media, cameraHoldMs, firstFrameMs, servers, streams } = options;
  const oneWayMs = network.delayMs[1] + jitterCut * network.jitterMs;
  // TCP waits 200, 400, 800 ms, and for a SYN 1, 2, 4 s.
  const lossMs = network.loss > 0 ? 200 * (2 ** lossesInARow - 1) : 0;
  const roundTripMs = 2 * oneWayMs;

  // The worst is a connection that died unseen: the poll on it is given up at its time, then repeated on a new one,
  // which takes the handshake, the challenge and the request itself.
  const newsMs = fetchMs + bounds.mostPollMargin + bounds.lastRetryPace + 3 * roundTripMs + lossMs + promptMs;

  // A parked request is answered when its time is over, and repeated at once.
  const heardEveryMs = fetchMs * (1 + options.drift) + 2 * roundTripMs + 2 * lossMs + 2 * promptMs;

  // Reset, two refusals, a witness who looks itself: five round trips; the waits between them are the core's own.
  const killMs = 700 + 5 * roundTripMs + (network.loss > 0 ? 1000 + lossMs : 0) + promptMs;
  const silenceMs = staleMs * (1 + 2 * options.drift) + 1000 + roundTripMs + promptMs;
  const settleMs = staleMs * (1 + options.drift) + promptMs + 100;

  // Seen, decided, closed; the loser waits for nothing else.
  const doubleMs = newsMs + media.closeMs[1] + 500;
  // The successor has its source's time-out for frames, then time to adopt; then the news travels.
  const overlapMs = sourceTimeoutMs + bounds.sourceMargin + bounds.overlap + newsMs;

  // Whoever holds the stream in the others' eyes may have died silently this moment; then the ranks start one by one.
  const stagger = bounds.staggerFirst + bounds.staggerNext * servers;
  const unattendedMs = silenceMs + newsMs + bounds.graceForReturning + stagger;
  const unattendedPerDisturbanceMs = silenceMs + bounds.graceForReturning;

  const firstFramesMs = media.connectMs[1] + firstFrameMs[1] + 4000;
  const tryMs = sourceTimeoutMs + bounds.sourceMargin + media.closeMs[1] + newsMs;
  // Everybody tries in turn, then a pause; a camera may hold a dead client's slot meanwhile.
  const roundMs = (servers + 1) * tryMs + bounds.lastProbePause;
  const darkMs = unattendedMs + roundMs + tryMs + cameraHoldMs + firstFramesMs;

  // Servers that restart again and again come last, but they come: no penalty here.
  const capturedOnceMs = settleMs + newsMs + roundMs + cameraHoldMs + firstFramesMs + doubleMs + overlapMs;
  // A pause after failed handovers doubles: it is at most twice as long as the faults that earned it, and rarer for a
  // camera with one connection.
  const earnedPauseMs = Math.min(
    bounds.lastHandoverPause,
    2 * options.faultsMs + bounds.breakPauseFactor * bounds.firstHandoverPause,
  );
  // The longest waits that flapping can have earned, then all streams in turns of `handovers`.
  const turnMs = overlapMs + bounds.asking + bounds.breakResume;
  const allHomeMs =
    capturedOnceMs +
    bounds.lastPenalty +
    bounds.lastFailbackDelay +
    earnedPauseMs +
    bounds.failureMark +
    Math.ceil(streams / options.handovers) * turnMs;
  return {
    roundTripMs,
    newsMs,
    heardEveryMs,
    killMs,
    silenceMs,
    settleMs,
    doubleMs,
    overlapMs,
    unattendedMs,
    unattendedPerDisturbanceMs,
    darkMs,
    capturedOnceMs,
    allHomeMs,
    leaveMs: bounds.leaveStall + bounds.goodbye + turnMs * Math.ceil(streams / options.handovers),
    parkMs: fetchMs * (1 + options.drift) + 2 * promptMs,
  };
}
