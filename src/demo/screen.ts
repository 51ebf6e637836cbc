import type { Clock } from '../units/clock.ts';
import { changesBetween } from './changes.ts';
import type { Fleet } from './fleet.ts';
import type { DemoServer } from './group-config.ts';
import { News } from './news.ts';
import type { DemoEvent } from './observer.ts';
import type { Snapshot } from './snapshot.ts';
import { renderTable } from './table.ts';

/** Shows the group: a table that is drawn anew at a terminal, lines elsewhere. */
export class Screen {
  selected = 0;
  readonly #servers: readonly DemoServer[];
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #atTerminal = process.stdout.isTTY === true;
  readonly #news = new News();
  #snapshot: Snapshot | undefined;
  #drawn = false;
  #files = '';
  #cameras: readonly string[] = [];

  constructor(options: { readonly servers: readonly DemoServer[]; readonly fleet: Fleet; readonly clock: Clock }) {
    this.#servers = options.servers;
    this.#fleet = options.fleet;
    this.#clock = options.clock;
  }

  begin(facts: { readonly configFile: string; readonly cameras: readonly string[] }): void {
    this.#cameras = facts.cameras;
    this.#files = `configuration ${facts.configFile}, logs beside it`;
    if (this.#atTerminal) {
      this.#drawn = true;
      // The alternate screen, without a cursor: what stood in the terminal before comes back at the end.
      process.stdout.write('\u001b[?1049h\u001b[?25l');
    } else {
      const lines = [
        `three servers and ${facts.cameras.length} cameras on loopback; ${this.#files}; times are UTC`,
        ...this.#urls().map((url) => `watch ${url} (a browser, ffplay or VLC)`),
        'type k2 (kill -9), f2 (freeze / thaw), d2 (drain / undrain), r2 (restart) or q, with the number of a server',
      ];
      this.#print(lines.map((line) => this.#timed(line)));
    }
  }

  /** Takes one look at the group; an arrow, so that it can be handed over as it is. */
  readonly seen = (snapshot: Snapshot | undefined, events: readonly DemoEvent[]): void => {
    this.#print(this.#news.events(events));
    if (snapshot !== undefined) this.#print(changesBetween(this.#snapshot, snapshot).map((line) => this.#timed(line)));
    this.#snapshot = snapshot ?? this.#snapshot;
    this.#draw(snapshot);
  };

  select(index: number): void {
    if (index < this.#servers.length) this.selected = index;
    this.#draw(this.#snapshot);
  }

  stateOf(server: string): string | undefined {
    return this.#snapshot?.servers.find((one) => one.name === server)?.state;
  }

  /** Something that the demonstration itself did or saw, now. */
  happened(text: string): void {
    this.#print([this.#news.add(this.#now(), text)]);
  }

  end(): void {
    if (this.#drawn) process.stdout.write('\u001b[?25h\u001b[?1049l');
    this.#drawn = false;
  }

  /** At a terminal the table shows what happened. */
  #print(lines: readonly string[]): void {
    if (!this.#atTerminal) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  #draw(snapshot: Snapshot | undefined): void {
    if (!this.#drawn) return;
    const lines = renderTable({
      snapshot,
      processes: new Map(this.#servers.map((server) => [server.name, this.#fleet.state(server.name)])),
      selected: this.#servers[this.selected]?.name ?? '',
      urls: this.#urls(),
      happened: this.#news.lines,
      files: this.#files,
      columns: process.stdout.columns ?? 120,
      rows: (process.stdout.rows ?? 50) - 1,
    });
    process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  }

  #urls(): string[] {
    return this.#servers.map((server, index) => {
      const at = `http://127.0.0.1:${server.port}/${this.#cameras[index] ?? ''}`;
      return `${at}/   ${at}/index.m3u8   ${at}/mpegts`;
    });
  }

  #timed(text: string): string {
    return `${this.#now().slice(11, 23)} ${text}`;
  }

  /** ISO, UTC. */
  #now(): string {
    return new Date(this.#clock.wall() / 1000).toISOString();
  }
}
