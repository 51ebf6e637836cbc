import type { ServerName, StreamName } from '../../src/units/ids.ts';
import type { About } from './finding.ts';
import { hash } from './random.ts';

interface Line {
  readonly at: number;
  readonly server: ServerName | undefined;
  readonly stream: StreamName | undefined;
  readonly text: string;
}

/** Enough for the story of one stream over some takeovers, little enough to keep for every world. */
const keptLines = 20_000;

/** How much of it a finding shows. */
const shownLines = 60;

/** What happened, in words for a finding and as a hash for determinism. */
export class Trace {
  readonly #lines: Line[] = [];
  readonly #now: () => number;
  readonly #print: ((line: string) => void) | undefined;
  #hash = 0;

  constructor(now: () => number, print: ((line: string) => void) | undefined) {
    this.#now = now;
    this.#print = print;
  }

  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  say(text: string, server?: ServerName, stream?: StreamName): void {
    const line = { at: this.#now(), server, stream, text };
    this.mix(text);
    this.#lines.push(line);
    if (this.#lines.length > 2 * keptLines) this.#lines.splice(0, keptLines);
    this.#print?.(render(line));
  }

  /** For what is too frequent to be told. */
  mix(text: string): void {
    this.#hash = hash(text, (this.#hash ^ Math.round(this.#now() * 1000)) >>> 0);
  }

  /** The last lines about this stream, or these servers, and about the world. */
  recent(about: About): string[] {
    const relevant = this.#lines.filter(
      (line) =>
        (line.server === undefined && line.stream === undefined) ||
        (line.stream === undefined
          ? about.stream !== undefined ||
            about.servers === undefined ||
            about.servers.includes(line.server as ServerName)
          : line.stream === about.stream),
    );
    return relevant.slice(-shownLines).map(render);
  }
}

function render({ at, server, stream, text }: Line): string {
  const who = [server, stream].filter((x) => x !== undefined).join(' ');
  return `${(at / 1000).toFixed(3).padStart(9)}s  ${who.padEnd(9)} ${text}`;
}
