import type { Socket } from 'node:net';
import { type ErrorCode, errorCodes } from '../../units/app-error.ts';
import { corsHeaders } from './cors.ts';

/** Answers what is no HTTP, or too much of it, in the same JSON as everything else, and closes the connection. */
export function answerClientError(error: Error, socket: Socket): void {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy();
    return;
  }
  const tooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
  const [code, message] = tooLarge
    ? (['too-large', 'the address and headers are too long'] as const)
    : (['bad-request', 'the request is not understood'] as const);
  socket.end(response(code, message));
}

function response(code: ErrorCode, message: string): string {
  const body = JSON.stringify({ error: { code, message } });
  const headers = {
    ...corsHeaders,
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${errorCodes[code].status} ${code}\r\n${lines.join('')}\r\n${body}`;
}
