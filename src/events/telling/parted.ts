import type { StreamName } from '../../units/ids.ts';

/**
 * What this server captured until it came to be on the smaller side of a parted group: others may have had it since, or all the time. A stream
 * stays here until somebody is seen to have it, for as long as nobody can tell.
 */
export class Parted {
  #isApart = false;
  readonly #streams = new Set<StreamName>();

  /** It is on the smaller side now. */
  get isApart(): boolean {
    return this.#isApart;
  }

  begins(): void {
    this.#isApart = true;
  }

  ends(): void {
    this.#isApart = false;
  }

  /** Its capture ended. */
  add(stream: StreamName): void {
    this.#streams.add(stream);
  }

  has(stream: StreamName): boolean {
    return this.#streams.has(stream);
  }

  /** Somebody has it again, or it is removed. Returns whether it was here. */
  delete(stream: StreamName): boolean {
    return this.#streams.delete(stream);
  }

  /** A copy: whoever goes through it may take from it. */
  streams(): readonly StreamName[] {
    return [...this.#streams];
  }

  /** Another life of this server begins: it had nothing, and is on no side yet. */
  clear(): void {
    this.#isApart = false;
    this.#streams.clear();
  }
}
