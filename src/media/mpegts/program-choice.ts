// ISO/IEC 13818-1 clause 2.4.4: which program of a transport stream is captured.
import type { Pat, Pmt } from './psi.ts';
import { streamKind } from './stream-type.ts';
import { nullPid } from './ts-packet.ts';

/** A program whose map came so often while an earlier one's never did is not held up by that one any more. */
const patience = 3;
/** Maps of this many programs are followed; a transport stream of a satellite has a few dozen. */
const mostPrograms = 64;

/** Table 2-3: the first PIDs belong to tables, the last to null packets. A map that names them is damaged. */
export function isUserPid(pid: number): boolean {
  return pid >= 0x10 && pid < nullPid;
}

/**
 * The first program, in the order of the PAT, that has a track this server carries: the same one on every server,
 * whichever map comes first after it connected.
 */
export class ProgramChoice {
  #pat: Pat = { version: -1, programs: [] };
  readonly #maps = new Map<number, { readonly pmt: Pmt; sightings: number }>();

  programs(pat: Pat): void {
    const programs = pat.programs.filter(({ pmtPid }) => isUserPid(pmtPid)).slice(0, mostPrograms);
    this.#pat = { version: pat.version, programs };
    const numbers = new Set(this.#pat.programs.map(({ number }) => number));
    for (const number of this.#maps.keys()) if (!numbers.has(number)) this.#maps.delete(number);
  }

  /** Where the maps of the programs come. */
  mapPids(): readonly number[] {
    return [...new Set(this.#pat.programs.map(({ pmtPid }) => pmtPid))];
  }

  map(pmt: Pmt): void {
    if (!this.#pat.programs.some(({ number }) => number === pmt.program)) return;
    const sightings = (this.#maps.get(pmt.program)?.sightings ?? 0) + 1;
    this.#maps.set(pmt.program, { pmt, sightings });
  }

  /** `undefined` while it can't be told yet. With no supported track anywhere it is the first that has streams. */
  chosen(): Pmt | undefined {
    const overdue = [...this.#maps.values()].some(({ sightings }) => sightings >= patience);
    for (const { number } of this.#pat.programs) {
      const map = this.#maps.get(number);
      if (map === undefined && !overdue) return undefined;
      if (map?.pmt.streams.some((stream) => streamKind(stream).kind !== 'unsupported')) return map.pmt;
    }
    const maps = this.#pat.programs.flatMap(({ number }) => this.#maps.get(number)?.pmt ?? []);
    return maps.find((pmt) => pmt.streams.length > 0);
  }
}
