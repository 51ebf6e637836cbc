import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { watermarkPath } from '../layout/run-path.ts';
import { parseWatermark, raisedOver, renderWatermark } from '../retention/watermark.ts';
import type { Span } from '../span/span.ts';

/** How far retention has come with each stream, on the disk. One root has one of these. */
export class Watermarks {
  readonly #disk: ArchiveDisk;
  /** What is on the disk for certain. */
  readonly #known = new Map<StreamName, Ticks | undefined>();

  constructor(disk: ArchiveDisk) {
    this.#disk = disk;
  }

  /** Undefined when nothing was deleted yet. */
  async of(stream: StreamName): Promise<Ticks | undefined> {
    if (!this.#known.has(stream)) {
      const bytes = await readFile(this.#disk, watermarkPath(stream));
      this.#known.set(stream, bytes === undefined ? undefined : parseWatermark(new TextDecoder().decode(bytes)));
    }
    return this.#known.get(stream);
  }

  /** Over the end of what is about to be deleted; on the disk when it resolves. */
  async raise(stream: StreamName, over: Span): Promise<void> {
    const before = await this.of(stream);
    const after = raisedOver(before, over);
    if (after === before) return;
    await this.#disk.replace(watermarkPath(stream), new TextEncoder().encode(renderWatermark(after)), { sync: true });
    this.#known.set(stream, after);
  }
}
