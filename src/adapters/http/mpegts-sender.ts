import type { ServerResponse } from 'node:http';
import type { MpegtsSink } from '../../delivery/mpegts/viewer.ts';
import type { Unsubscribe } from '../../delivery/ports/ports.ts';
import type { StreamName } from '../../units/ids.ts';
import type { DeliveryMeter } from '../metrics/delivery-meter.ts';
import { corsHeaders } from './cors.ts';
import type { SlowViewers } from './slow-viewers.ts';

const headers = { ...corsHeaders, 'content-type': 'video/mp2t', 'cache-control': 'no-store' } as const;

/** Sends MPEG-TS until the viewer leaves or is closed. `attach` absent: only the head. */
export function sendMpegts(
  raw: ServerResponse,
  options: {
    readonly stream: StreamName;
    readonly attach: ((sink: MpegtsSink) => Unsubscribe) | undefined;
    readonly meter: DeliveryMeter;
    readonly slow: SlowViewers;
  },
): void {
  if (raw.destroyed) return;
  raw.writeHead(200, headers);
  if (options.attach === undefined) {
    raw.end();
    return;
  }
  const detach = options.attach(new SocketSink(raw, options));
  raw.once('close', detach);
}

class SocketSink implements MpegtsSink {
  readonly #raw: ServerResponse;
  readonly #stream: StreamName;
  readonly #meter: DeliveryMeter;
  readonly #slow: SlowViewers;

  constructor(
    raw: ServerResponse,
    options: { readonly stream: StreamName; readonly meter: DeliveryMeter; readonly slow: SlowViewers },
  ) {
    this.#raw = raw;
    this.#stream = options.stream;
    this.#meter = options.meter;
    this.#slow = options.slow;
  }

  /** In the response and in its socket; what the kernel took is gone. */
  get queuedBytes(): number {
    return this.#raw.writableLength;
  }

  write(data: Uint8Array): void {
    if (this.#raw.destroyed) return;
    this.#raw.write(data);
    this.#meter.sent('mpegts', data.length);
  }

  skipped(): void {
    this.#slow.skipped('mpegts');
  }

  /** A slow one at once: an orderly end would first wait for what the viewer doesn't take. */
  close(why: 'slow' | 'ended'): void {
    if (why === 'ended') {
      this.#raw.end();
      return;
    }
    this.#slow.dropped('mpegts', this.#stream);
    this.#raw.destroy();
  }
}
