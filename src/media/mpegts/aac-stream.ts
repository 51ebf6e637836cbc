// ISO/IEC 14496-3 clause 1.A.2 (ADTS) over ISO/IEC 13818-1: frames that PES packets may cut anywhere.
import { rescale, type Ticks, timescale90k } from '../../units/ticks.ts';
import {
  type AacConfig,
  type AdtsHeader,
  aacFrameSamples,
  aacTrack,
  adtsHeaderBytes,
  largestAdtsFrame,
  parseAdtsHeader,
} from '../codec/aac.ts';
import { ByteQueue } from './byte-queue.ts';
import type { StreamOutput, StreamParser } from './elementary-stream.ts';
import type { PesTime } from './pes.ts';
import { TimeMarks } from './time-marks.ts';
import type { ProgramClock } from './timestamp.ts';

/**
 * Timestamps this close to the count of samples are the count, rounded by a muxer (RTMP's milliseconds are the coarsest):
 * frames then follow each other without hair cracks.
 */
const roundingSeconds = 0.002;

/** Finds AAC frames behind ADTS headers and gives them their times; the PES packet times only the first frame that begins in it. */
export class AacStream implements StreamParser {
  readonly #output: StreamOutput;
  readonly #queue = new ByteQueue(2 * largestAdtsFrame);
  readonly #marks: TimeMarks;
  #config: AacConfig | undefined;
  /** A header was found where the last frame ends; else the next must be confirmed by the one behind it. */
  #synced = false;
  /** Nothing is taken between lost bytes and the next PES packet: frames there would get wrong times. */
  #waiting = true;
  /** Bytes that must be there before looking makes sense. */
  #needed = adtsHeaderBytes;
  #skipped = 0;
  #next: Ticks | undefined;

  constructor(clock: ProgramClock, output: StreamOutput) {
    this.#output = output;
    this.#marks = new TimeMarks(clock);
  }

  begin(time: PesTime | undefined): void {
    this.#waiting = false;
    this.#marks.add(this.#queue.end, time);
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    if (this.#waiting) return;
    this.#queue.append(bytes, from, to);
    if (this.#queue.length >= this.#needed) this.#parse(false);
  }

  lost(): void {
    this.#queue.shift(this.#queue.length);
    this.#marks.clear();
    this.#needed = adtsHeaderBytes;
    this.#synced = false;
    this.#waiting = true;
    this.#next = undefined;
  }

  truncated(missing: number): void {
    this.#output.damage({ kind: 'truncated', detail: `a PES packet of audio lacks ${missing} bytes` });
  }

  flush(): void {
    this.#parse(true);
    this.lost();
  }

  /** `ended`: no more bytes come, so nothing waits for confirmation. */
  #parse(ended: boolean): void {
    const { length } = this.#queue;
    let at = 0;
    for (;;) {
      this.#needed = adtsHeaderBytes;
      if (at + adtsHeaderBytes > length) break;
      const header = parseAdtsHeader(this.#queue.bytes, at);
      if (header === undefined || !this.#fits(header)) {
        if (this.#synced) this.#synced = false;
        else at += this.#skip();
        continue;
      }
      this.#needed = header.frameBytes + (this.#synced || ended ? 0 : adtsHeaderBytes);
      if (at + this.#needed > length) break;
      if (!this.#synced && !ended && !this.#confirmed(at, header)) {
        at += this.#skip();
        continue;
      }
      this.#sync();
      this.#frame(at, header);
      at += header.frameBytes;
    }
    this.#queue.shift(at);
  }

  /** In the middle of a stream another configuration is more likely damage than a change: it must be confirmed. */
  #fits(header: AdtsHeader): boolean {
    return !this.#synced || (this.#config !== undefined && sameConfig(this.#config, header.config));
  }

  #confirmed(at: number, header: AdtsHeader): boolean {
    const next = parseAdtsHeader(this.#queue.bytes, at + header.frameBytes);
    return next !== undefined && sameConfig(next.config, header.config);
  }

  #skip(): number {
    this.#skipped += 1;
    return 1;
  }

  #sync(): void {
    this.#synced = true;
    if (this.#skipped === 0) return;
    // In front of the first frame there is the rest of one that began before this server listened.
    if (this.#config !== undefined) {
      this.#output.damage({ kind: 'malformed', detail: `${this.#skipped} bytes between AAC frames` });
    }
    this.#skipped = 0;
  }

  #frame(at: number, header: AdtsHeader): void {
    const { config } = header;
    const time = this.#time(at, config.sampleRate);
    if (header.rawBlocks > 1 || config.channelConfiguration === 0) {
      const why = header.rawBlocks > 1 ? `${header.rawBlocks} blocks` : 'its channels in a program config element';
      this.#output.damage({ kind: 'malformed', detail: `an AAC frame with ${why}` });
      return;
    }
    if (time === undefined) {
      this.#output.damage({ kind: 'timestamp', detail: 'an AAC frame before the first timestamp' });
      return;
    }
    if (this.#config === undefined || !sameConfig(this.#config, config)) this.#output.track(aacTrack(config));
    this.#config = config;
    const unit = this.#queue.bytes.subarray(at + header.headerBytes, at + header.frameBytes);
    this.#output.frame(time, time, true, [unit]);
  }

  #time(at: number, sampleRate: number): Ticks | undefined {
    const mark = this.#marks.take(this.#queue.start + at);
    const counted = this.#config?.sampleRate === sampleRate ? this.#next : undefined;
    const said = mark === undefined ? undefined : rescale(mark.pts, timescale90k, sampleRate);
    const time = said === undefined || near(said, counted, sampleRate) ? (counted ?? said) : said;
    this.#next = time === undefined ? undefined : ((time + aacFrameSamples) as Ticks);
    return time;
  }
}

function near(said: number, counted: number | undefined, sampleRate: number): boolean {
  return counted !== undefined && Math.abs(said - counted) <= roundingSeconds * sampleRate;
}

function sameConfig(a: AacConfig, b: AacConfig): boolean {
  return (
    a.sampleRate === b.sampleRate && a.channelConfiguration === b.channelConfiguration && a.objectType === b.objectType
  );
}
