import { createHash } from 'node:crypto';
import { nodeChecksums } from '../../src/adapters/disk/archive/node-checksums.ts';
import { SyncTurns } from '../../src/archive/recording/sync-turns.ts';
import { Capture, type CaptureContext, type CaptureOptions } from '../../src/capture/capture.ts';
import { SlabPool } from '../../src/capture/frames/slab.ts';
import type { CaptureFactBody } from '../../src/capture/publish/publisher.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import type { RunInput } from '../../src/capture/source/input.ts';
import type { StreamConfig } from '../../src/config/model/config.ts';
import type { ArchiveFact } from '../../src/facts/archive-fact.ts';
import { withDecodeTimes } from '../../src/media/mp4/decode-time.ts';
import { streamName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import { SimDisk } from '../sim/disk/sim-disk.ts';
import type { ManualClock } from './manual-clock.ts';
import { MemoryRunStore } from './memory-run-store.ts';
import { silentLog } from './silent-log.ts';

type SegmentTold = Extract<CaptureFactBody, { type: 'segment' }>;

/** UTC at monotonic 0: a round number of segments. */
export const stageOffset = 1_800_000_000_000_000;

/** A capture with a manual clock and files in memory, and all that it tells. */
export class CaptureStage {
  readonly facts: CaptureFactBody[] = [];
  readonly capture: Capture;
  readonly store = new MemoryRunStore();
  /** Of the archive, whatever its root. */
  readonly disk: SimDisk;
  readonly archived: ArchiveFact[] = [];
  readonly ended: Promise<void>;
  /** Of segments that are gone from the store by now. */
  readonly #media: Uint8Array[] = [];

  constructor(
    clock: ManualClock,
    runInput: RunInput,
    options: Partial<CaptureOptions> & {
      readonly offset?: number;
      readonly config?: Partial<StreamConfig>;
      readonly digest?: CaptureContext['digest'];
      readonly budget?: number;
      readonly disk?: SimDisk;
    } = {},
  ) {
    const { disk = new SimDisk() } = options;
    this.disk = disk;
    let runs = 0;
    const context: CaptureContext = {
      runInput,
      clock,
      random: () => 0.5,
      store: this.store,
      budget: new WriteBudget(options.budget),
      slabs: new SlabPool(),
      digest: options.digest ?? sha1,
      archive: {
        disk: () => disk,
        checksums: nodeChecksums,
        syncs: new SyncTurns(),
        budget: new WriteBudget(options.budget),
        ordinal: () => ++runs,
      },
      offset: () => options.offset ?? stageOffset,
      log: silentLog,
    };
    this.capture = new Capture(context, {
      stream: {
        name: streamName('cam'),
        sources: [{ url: 'file:///clip.ts', protocol: 'file' }],
        clusterIngest: undefined,
        sourceTimeout: millis(10_000),
        segmentDuration: millis(2_000),
        dvr: undefined,
        ...options.config,
      },
      attempt: 1,
      adopting: options.adopting ?? false,
      place: options.place ?? { notBefore: undefined },
      source: options.source,
      folder: '/scratch/1',
      archive: options.archive,
      tell: (fact) => this.#note(fact),
      tellArchive: (fact) => this.archived.push(fact),
    });
    this.ended = this.capture.run();
  }

  get kinds(): string[] {
    return this.facts.map(({ type }) => type);
  }

  get told(): SegmentTold[] {
    return this.facts.flatMap((fact) => (fact.type === 'segment' ? [fact] : []));
  }

  get segments(): SegmentTold['segment'][] {
    return this.told.map(({ segment }) => segment);
  }

  /** As a viewer gets it. */
  get init(): Uint8Array {
    const fact = this.facts.findLast(({ type }) => type === 'init');
    return fact?.type === 'init' ? Buffer.from(fact.init.data, 'base64') : new Uint8Array(0);
  }

  /** All segments that were told, as a viewer gets them. */
  get media(): readonly Uint8Array[] {
    return this.#media;
  }

  #note(fact: CaptureFactBody): void {
    this.facts.push(fact);
    if (fact.type !== 'segment') return;
    const { path, offset, length, decodeTimes } = fact.location;
    this.#media.push(withDecodeTimes(this.store.read(path, offset, length), decodeTimes));
  }
}

const sha1: CaptureContext['digest'] = (parts) => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
