// ITU-T H.264 clause 7.4.1: emulation_prevention_three_byte, the same in H.265 and H.266.

/** The payload of a NAL unit with each 00 00 03 turned back into 00 00; the view itself when there is none. */
export function withoutEmulationPrevention(unit: Uint8Array): Uint8Array {
  let at = nextEmulation(unit, 2);
  if (at < 0) return unit;
  const out = new Uint8Array(unit.length);
  let from = 0;
  let length = 0;
  while (at >= 0) {
    out.set(unit.subarray(from, at), length);
    length += at - from;
    from = at + 1;
    at = nextEmulation(unit, from + 2);
  }
  out.set(unit.subarray(from), length);
  return out.subarray(0, length + unit.length - from);
}

/** The NAL unit of a payload: the inverse, for tests and for what this program writes itself. */
export function withEmulationPrevention(payload: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}

function nextEmulation(unit: Uint8Array, from: number): number {
  for (let at = from; at < unit.length; at++) {
    if (unit[at] === 3 && unit[at - 1] === 0 && unit[at - 2] === 0) return at;
  }
  return -1;
}
