// RFC 3550: what is common to all tracks of a session, whatever they carry.
import type { Instant } from '../../units/time.ts';
import type { Damage } from '../track.ts';
import { RtpPacket } from './packet.ts';
import { buildReceiverReport, parseSenderReport } from './rtcp.ts';
import { SequenceCheck } from './sequence.ts';
import type { TrackClock } from './track-clock.ts';

/** What takes the packets of one track, in order. */
export interface TrackReader {
  readonly clock: TrackClock;
  packet(bytes: Uint8Array, packet: RtpPacket, now: Instant): void;
  /** Packets in front of the next one are missing. */
  lost(): void;
}

/** One track's packets and reports, from the bytes of its two channels. */
export class RtpReceiver {
  readonly reader: TrackReader;
  readonly #payloadType: number;
  readonly #damage: (damage: Damage) => void;
  readonly #packet = new RtpPacket();
  readonly #sequence = new SequenceCheck();
  #strangerTold = false;

  constructor(reader: TrackReader, payloadType: number, damage: (damage: Damage) => void) {
    this.reader = reader;
    this.#payloadType = payloadType;
    this.#damage = damage;
  }

  /** A packet is `bytes[from, to)`. */
  rtp(bytes: Uint8Array, from: number, to: number, now: Instant): void {
    const packet = this.#packet;
    if (!packet.read(bytes, from, to)) {
      this.#damage({ kind: 'malformed', detail: 'no RTP packet' });
      return;
    }
    if (packet.payloadType !== this.#payloadType) {
      this.#stranger(packet.payloadType);
      return;
    }
    const missing = this.#sequence.next(packet.sequence, packet.ssrc);
    if (missing === -1) return;
    if (missing !== 0) this.#missing(missing);
    this.reader.packet(bytes, packet, now);
  }

  /** Takes in a report and returns what answers it. `ssrc`: of this receiver. */
  rtcp(bytes: Uint8Array, from: number, to: number, ssrc: number): Uint8Array | undefined {
    const report = parseSenderReport(bytes, from, to);
    if (report === undefined) return undefined;
    this.reader.clock.report(report);
    const { lost, highest: highestSequence } = this.#sequence;
    return buildReceiverReport({ ssrc, sender: report.ssrc, lost, highestSequence, ntpMiddle: report.ntpMiddle });
  }

  #missing(missing: number | 'restart'): void {
    const detail = missing === 'restart' ? 'the sender counts anew' : `${missing} packets`;
    this.#damage({ kind: 'packet-loss', detail });
    this.reader.lost();
  }

  /** Once is enough to tell: such packets keep coming. */
  #stranger(payloadType: number): void {
    if (this.#strangerTold) return;
    this.#strangerTold = true;
    this.#damage({ kind: 'malformed', detail: `packets of payload type ${payloadType}, which was not announced` });
  }
}
