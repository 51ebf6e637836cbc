import { hashName, hashPair } from '../../units/hash.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { ClusterServer, ClusterStream } from '../step/cluster-config.ts';

/**
 * Where each stream belongs: weighted rendezvous hashing with bounded loads (Thaler & Ravishankar 1998; Mirrokni et al. 2018).
 * Streams take, in the order of their hash, their best server that still has room; so a server more or less moves few
 * streams, and counts are even. A function of names, weights and pins alone.
 */
export class Placement {
  readonly #servers: readonly ServerName[];
  readonly #columns: ReadonlyMap<ServerName, number>;
  readonly #weights: readonly number[];
  readonly #streams = new Map<StreamName, number>();
  /** Stream-major; higher is better. */
  readonly #scores: Float64Array;
  readonly #inHashOrder: readonly number[];
  readonly #homes: Int32Array;
  /** Memberships recur (a server dies and returns); each costs a pass over all streams. */
  readonly #standIns = new Map<string, Int32Array>();

  constructor(servers: readonly ClusterServer[], streams: readonly ClusterStream[]) {
    // The order of the file must not matter.
    const sorted = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#servers = sorted.map((server) => server.name);
    this.#columns = new Map(this.#servers.map((server, column) => [server, column]));
    this.#weights = usableWeights(sorted);
    const hashes = streams.map((stream) => hashName(stream.name));
    streams.forEach((stream, i) => {
      this.#streams.set(stream.name, i);
    });
    this.#scores = scores(this.#servers, this.#weights, hashes);
    this.#inHashOrder = hashOrder(streams, hashes);
    this.#homes = this.#placeHomes(streams);
  }

  /** Absent only for a stream that the configuration does not have. */
  home(stream: StreamName): ServerName | undefined {
    const index = this.#streams.get(stream);
    return index === undefined ? undefined : this.#servers[this.#homes[index] ?? -1];
  }

  /** Who among these should capture the stream while its home can't: their own streams where they are, the rest spread evenly. */
  standIn(stream: StreamName, among: ReadonlySet<ServerName>): ServerName | undefined {
    const index = this.#streams.get(stream);
    if (index === undefined) return undefined;
    return this.#servers[this.#standInsAmong(among)[index] ?? -1];
  }

  /** How well the server fits the stream by its name, higher is better; for ranks behind home and stand-in. */
  score(stream: StreamName, server: ServerName): number {
    const index = this.#streams.get(stream);
    const column = this.#columns.get(server);
    if (index === undefined || column === undefined) return 0;
    return this.#scores[index * this.#servers.length + column] ?? 0;
  }

  #placeHomes(streams: readonly ClusterStream[]): Int32Array {
    const homes = new Int32Array(streams.length).fill(-1);
    streams.forEach((stream, i) => {
      if (stream.captureAt !== undefined) homes[i] = this.#servers.indexOf(stream.captureAt);
    });
    const unpinned = this.#inHashOrder.filter((i) => homes[i] === -1);
    this.#fill(homes, unpinned, this.#weights);
    return homes;
  }

  #standInsAmong(among: ReadonlySet<ServerName>): Int32Array {
    const key = this.#servers.map((server) => (among.has(server) ? '1' : '0')).join('');
    const known = this.#standIns.get(key);
    if (known !== undefined) return known;
    const present = this.#servers.map((server) => among.has(server));
    const placed = this.#homes.map((home) => (present[home] === true ? home : -1));
    const weights = this.#weights.map((weight, column) => (present[column] === true ? weight : 0));
    const orphans = this.#inHashOrder.filter((i) => placed[i] === -1);
    this.#fill(placed, orphans, evenWhenAllZero(weights, present));
    // 64 memberships are more than a bad night sees; then the memory starts anew.
    if (this.#standIns.size >= 64) this.#standIns.clear();
    this.#standIns.set(key, placed);
    return placed;
  }

  /** Places these streams, in this order, each at its best server with room. */
  #fill(placed: Int32Array, streams: readonly number[], weights: readonly number[]): void {
    const room = new Room(weights, streams.length);
    const width = this.#servers.length;
    for (const stream of streams) {
      let best = -1;
      let bestScore = Number.NEGATIVE_INFINITY;
      for (let column = 0; column < width; column++) {
        const score = this.#scores[stream * width + column] ?? 0;
        if (score > bestScore && room.at(column)) {
          best = column;
          bestScore = score;
        }
      }
      placed[stream] = best;
      if (best >= 0) room.take(best);
    }
  }
}

/** Each server's share of so many streams, rounded down, and the left-over seats, at most one more each: counts differ by one at most. */
class Room {
  readonly #base: readonly number[];
  readonly #weights: readonly number[];
  readonly #counts: number[];
  #spareSeats: number;

  constructor(weights: readonly number[], streams: number) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#weights = weights;
    this.#base = weights.map((weight) => (total === 0 ? 0 : Math.floor((streams * weight) / total)));
    this.#spareSeats = streams - this.#base.reduce((sum, base) => sum + base, 0);
    this.#counts = weights.map(() => 0);
  }

  at(server: number): boolean {
    const count = this.#counts[server] ?? 0;
    const base = this.#base[server] ?? 0;
    return count < base || (count === base && this.#spareSeats > 0 && (this.#weights[server] ?? 0) > 0);
  }

  take(server: number): void {
    const count = this.#counts[server] ?? 0;
    if (count >= (this.#base[server] ?? 0)) this.#spareSeats--;
    this.#counts[server] = count + 1;
  }
}

function usableWeights(servers: readonly ClusterServer[]): number[] {
  const weights = servers.map((server) => (Number.isFinite(server.weight) && server.weight > 0 ? server.weight : 0));
  return evenWhenAllZero(
    weights,
    weights.map(() => true),
  );
}

function evenWhenAllZero(weights: readonly number[], present: readonly boolean[]): number[] {
  if (weights.some((weight) => weight > 0)) return [...weights];
  return present.map((there) => (there ? 1 : 0));
}

function scores(servers: readonly ServerName[], weights: readonly number[], streams: readonly number[]): Float64Array {
  const serverHashes = servers.map((server) => hashName(server));
  const table = new Float64Array(servers.length * streams.length);
  let cell = 0;
  for (const stream of streams) {
    for (let column = 0; column < serverHashes.length; column++) {
      const uniform = (hashPair(stream, serverHashes[column] ?? 0) + 0.5) / 2 ** 32;
      table[cell++] = (weights[column] || Number.MIN_VALUE) / -Math.log(uniform);
    }
  }
  return table;
}

function hashOrder(streams: readonly ClusterStream[], hashes: readonly number[]): number[] {
  const name = (i: number): string => streams[i]?.name ?? '';
  return hashes.map((_, i) => i).sort((a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || (name(a) < name(b) ? -1 : 1));
}
