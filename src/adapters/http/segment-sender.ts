import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { ByteRange } from '../../delivery/byte-range.ts';
import { patchDecodeTimes } from '../../delivery/segment-patch.ts';
import { AppError } from '../../units/app-error.ts';
import type { SegmentLocation } from '../../worker/protocol.ts';
import type { OpenFiles } from './open-files.ts';

/** Read and written at once: most audio-sized segments in one piece, a large one without holding all of it. */
const pieceBytes = 512 * 1024;

export interface SegmentSending {
  readonly location: SegmentLocation;
  readonly range: ByteRange;
  /** Called once the first bytes are read and before they are sent: until then the request may still fail properly. */
  readonly begin: () => void;
}

/** Sends a part of a segment from its file. Holds one piece a viewer; rejects before `begin` with `segment-gone` or `disk-failed`. */
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
        if (!raw.write(piece) && !raw.destroyed) await drained(raw);
      }
    });
  } catch (error) {
    if (!begun) throw asAppError(error);
    // The length was promised: cutting the connection is the only way left to tell that it is not all.
    raw.destroy();
    return sent;
  }
  raw.end();
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

/** Resolves when the socket takes more, or never will. */
async function drained(raw: ServerResponse): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })]).finally(() => done.abort());
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new AppError('segment-gone', 'the file of the segment was erased', { cause: error });
  }
  return new AppError('disk-failed', 'the file of the segment cannot be read', { cause: error });
}
