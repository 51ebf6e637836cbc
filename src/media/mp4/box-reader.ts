// ISO/IEC 14496-12 clause 4.2: boxes, each with its size in front of it.

export interface Box {
  readonly type: string;
  /** Of the first byte of the size. */
  readonly start: number;
  /** Of the first byte of the content; for a full box that is version and flags. */
  readonly content: number;
  readonly end: number;
}

const headerBytes = 8;

/** The boxes that follow each other from `from` to `to`. Ends at the first that is cut or impossible. */
export function readBoxes(bytes: Uint8Array, from = 0, to = bytes.length): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: Box[] = [];
  let start = from;
  while (start + headerBytes <= to) {
    const long = view.getUint32(start) === 1 && start + 16 <= to;
    const size = long ? Number(view.getBigUint64(start + headerBytes)) : view.getUint32(start);
    const content = start + (long ? 16 : headerBytes);
    const end = size === 0 ? to : start + size;
    if (end > to || end < content) break;
    boxes.push({ type: String.fromCharCode(...bytes.subarray(start + 4, start + headerBytes)), start, content, end });
    start = end;
  }
  return boxes;
}

/** All boxes at a path such as `moof/traf/tfdt`, in order. The boxes on the way must hold nothing but boxes. */
export function findBoxes(bytes: Uint8Array, path: string): Box[] {
  const [first = '', ...rest] = path.split('/');
  let boxes = readBoxes(bytes).filter(({ type }) => type === first);
  for (const step of rest) {
    boxes = boxes.flatMap(({ content, end }) => readBoxes(bytes, content, end).filter(({ type }) => type === step));
  }
  return boxes;
}
