import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { ByteRange } from '../../delivery/byte-range.ts';
import { patchDecodeTimes } from '../../delivery/segment-patch.ts';
import type { SegmentLocation } from '../../facts/protocol.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { after, millis } from '../../units/time.ts';
import type { OpenFiles } from './open-files.ts';

/** Read and written at once, and all that is held for a viewer that reads nothing: 100 of them take 13 MB. */
const pieceBytes = 128 * 1024;

/**
 * A viewer that doesn't take a piece in this time is dropped: at that pace no video is watched, players give a request up by then,
 * and the open file keeps its disk space after it was erased.
 */
const longestStall = millis(10_000);

export interface SegmentSending {
  readonly location: SegmentLocation;
  readonly range: ByteRange;
  readonly clock: Clock;
  /** Called once the first bytes are read and before they are sent: until then the request may still fail properly. */
  readonly begin: () => void;
  /** The viewer took nothing for too long and was dropped. */
  readonly tooSlow: () => void;
}

/**
 * Sends a part of a segment from its file. Holds one piece a viewer, and drops one that takes none;
 * rejects before `begin` with `segment-gone` or `disk-failed`.
 */
export async function sendSegment(raw: ServerResponse, files: OpenFiles, sending: SegmentSending): Promise<number> {
  let begun = false;
  let sent = 0;
  try {
    await files.with(sending.location.path, async (handle) => {
      while (sent < sending.range.length && !raw.destroyed) {
        const piece = await readPiece(handle, sending, sent);
        if (!begun) sending.begin();
        begun = true;
        sent += piece.length;
        if (!raw.write(piece) && !raw.destroyed) await taken(raw, 'drain', sending);
      }
    });
  } catch (error) {
    if (!begun) throw asAppError(error);
    // The length was promised: cutting the connection is the only way left to tell that it is not all.
    raw.destroy();
    return sent;
  }
  raw.end();
  if (!raw.writableFinished && !raw.destroyed) await taken(raw, 'finish', sending);
  return sent;
}

async function readPiece(handle: FileHandle, { location, range }: SegmentSending, done: number): Promise<Uint8Array> {
  const start = range.start + done;
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, range.length - done));
  const { bytesRead } = await handle.read(piece, 0, piece.length, location.offset + start);
  if (bytesRead !== piece.length)
    throw new AppError('segment-gone', 'the file of the segment is shorter than its index');
  patchDecodeTimes(piece, start, location);
  return piece;
}

/** Resolves when the viewer's socket took what was written, or never will: then the response is destroyed. */
function taken(raw: ServerResponse, sign: 'drain' | 'finish', { clock, tooSlow }: SegmentSending): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      raw.off(sign, done).off('close', done);
      resolve();
    };
    const cancel = clock.setTimer(after(clock.monotonic(), longestStall), () => {
      tooSlow();
      raw.destroy();
      done();
    });
    raw.once(sign, done).once('close', done);
  });
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new AppError('segment-gone', 'the file of the segment was erased', { cause: error });
  }
  return new AppError('disk-failed', 'the file of the segment cannot be read', { cause: error });
}
