// RFC 6184 clauses 5.6 to 5.8: the payloads that carry an access unit, packetization mode 1.
import { fuA, stapA } from './h264-depacketizer.ts';
import { writeWord } from './packet.ts';

/**
 * Cuts an access unit into payloads of at most `most` bytes: neighbours that fit together are aggregated, what is too large is
 * fragmented. The marker belongs on the last.
 */
export function packetizeH264(units: readonly Uint8Array[], most: number): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let smallBytes = 1;
  const flush = (): void => {
    const [only] = small;
    if (only !== undefined) payloads.push(small.length === 1 ? only : aggregate(small, smallBytes));
    small = [];
    smallBytes = 1;
  };
  for (const unit of units) {
    if (unit.length > most) {
      flush();
      payloads.push(...fragment(unit, most));
      continue;
    }
    if (smallBytes + 2 + unit.length > most) flush();
    small.push(unit);
    smallBytes += 2 + unit.length;
  }
  flush();
  return payloads;
}

function aggregate(units: readonly Uint8Array[], bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let importance = 0;
  let at = 1;
  for (const unit of units) {
    importance = Math.max(importance, (unit[0] ?? 0) & 0x60);
    writeWord(out, at, unit.length);
    out.set(unit, at + 2);
    at += 2 + unit.length;
  }
  out[0] = importance | stapA;
  return out;
}

function fragment(unit: Uint8Array, most: number): Uint8Array[] {
  const header = unit[0] ?? 0;
  const payloads: Uint8Array[] = [];
  for (let from = 1; from < unit.length; from += most - 2) {
    const part = unit.subarray(from, from + most - 2);
    const out = new Uint8Array(part.length + 2);
    const isLast = from + part.length === unit.length;
    out[0] = (header & 0xe0) | fuA;
    out[1] = (from === 1 ? 0x80 : 0) | (isLast ? 0x40 : 0) | (header & 31);
    out.set(part, 2);
    payloads.push(out);
  }
  return payloads;
}
