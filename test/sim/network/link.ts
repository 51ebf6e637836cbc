import type { ServerName } from '../../../src/units/ids.ts';

/** What is wrong with one direction between two machines, for as long as it is. */
export interface Impairment {
  /** Packets vanish. */
  readonly blocked?: boolean;
  /** Packets are later by this many milliseconds. */
  readonly extraDelayMs?: number;
  /** Added to the probability that a packet is lost. */
  readonly loss?: number;
  /** A stateful firewall: what it does to connections opened in this direction; those that exist live on. */
  readonly opening?: 'dropped' | 'rejected';
}

/** One direction between two machines, with all that is wrong with it at the moment. */
export class Link {
  readonly from: ServerName;
  readonly to: ServerName;
  readonly #now: () => number;
  readonly #impairments = new Set<Impairment>();
  #wholeSince = 0;
  #forgotAt = Number.NEGATIVE_INFINITY;

  blocked = false;
  extraDelayMs = 0;
  loss = 0;
  opening: 'allowed' | 'dropped' | 'rejected' = 'allowed';

  constructor(from: ServerName, to: ServerName, now: () => number) {
    this.from = from;
    this.to = to;
    this.#now = now;
  }

  /** Since when nothing is wrong here; infinite while something is. */
  get wholeSince(): number {
    return this.#impairments.size > 0 ? Number.POSITIVE_INFINITY : this.#wholeSince;
  }

  /** When a connection over this link was last forgotten on its way; new ones work. */
  get forgotAt(): number {
    return this.#forgotAt;
  }

  forgot(): void {
    this.#forgotAt = this.#now();
  }

  /** Returns how to lift it; lifting twice is harmless. */
  impair(impairment: Impairment): () => void {
    this.#impairments.add(impairment);
    this.#sum();
    return () => {
      if (!this.#impairments.delete(impairment)) return;
      this.#wholeSince = this.#now();
      this.#sum();
    };
  }

  #sum(): void {
    const all = [...this.#impairments];
    this.blocked = all.some((x) => x.blocked === true);
    this.extraDelayMs = all.reduce((sum, x) => sum + (x.extraDelayMs ?? 0), 0);
    this.loss = all.reduce((sum, x) => sum + (x.loss ?? 0), 0);
    this.opening = all.find((x) => x.opening !== undefined)?.opening ?? 'allowed';
  }
}
