// Little-endian fields that a `DataView` has no method for.

/** 64 bits, signed, as a number; undefined when it is none that a double holds exactly. */
export function getWhole(view: DataView, at: number): number | undefined {
  const value = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function setWhole(view: DataView, at: number, value: number): void {
  view.setBigInt64(at, BigInt(value), true);
}

/** So many bytes as lower-case hexadecimal digits. */
export function getHex(view: DataView, at: number, bytes: number): string {
  let text = '';
  for (let i = 0; i < bytes; i++)
    text += view
      .getUint8(at + i)
      .toString(16)
      .padStart(2, '0');
  return text;
}

export function setHex(view: DataView, at: number, hex: string): void {
  for (let i = 0; 2 * i < hex.length; i++) view.setUint8(at + i, Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
