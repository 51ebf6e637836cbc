import type { Clock } from '../units/clock.ts';
import { changesBetween } from './changes.ts';
import type { Fleet } from './fleet.ts';
import type { DemoServer } from './group-config.ts';
import type { DemoEvent } from './observer.ts';
import type { Snapshot } from './snapshot.ts';
import { renderTable } from './table.ts';

/** What fits under the table on a usual terminal. */
const keptNews = 10;
/** Events are told once; more than the group keeps in one answer need not be remembered. */
const rememberedEvents = 2000;

/** Shows the group: a table that is drawn anew at a terminal, lines elsewhere. */
export class Screen {
  selected = 0;
  readonly #servers: readonly DemoServer[];
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #atTerminal = process.stdout.isTTY === true;
  readonly #news: string[] = [];
  readonly #told = new Set<string>();
  #snapshot: Snapshot | undefined;
  #drawn = false;

  constructor(options: { readonly servers: readonly DemoServer[]; readonly fleet: Fleet; readonly clock: Clock }) {
    this.#servers = options.servers;
    this.#fleet = options.fleet;
    this.#clock = options.clock;
  }

  begin(facts: { readonly configFile: string; readonly logFolder: string; readonly cameras: number }): void {
    if (this.#atTerminal) {
      this.#drawn = true;
      // The alternate screen, without a cursor: what stood in the terminal before comes back at the end.
      process.stdout.write('\u001b[?1049h\u001b[?25l');
    } else {
      this.#line(
        `three servers and ${facts.cameras} cameras on loopback; configuration ${facts.configFile}, logs in ${facts.logFolder}`,
      );
      for (const url of this.#urls()) this.#line(`watch ${url}`);
      this.#line(
        'type k2 (kill -9), f2 (freeze / thaw), d2 (drain / undrain), r2 (restart) or q, with the number of a server',
      );
    }
  }

  /** Takes one look at the group; an arrow, so that it can be handed over as it is. */
  readonly seen = (snapshot: Snapshot | undefined, events: readonly DemoEvent[]): void => {
    for (const event of [...events].sort((a, b) => a.time.localeCompare(b.time))) this.#tell(event);
    if (snapshot !== undefined && !this.#atTerminal)
      for (const line of changesBetween(this.#snapshot, snapshot)) this.#line(line);
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
  happened(line: string): void {
    this.#happenedAt(this.#time(), line);
  }

  end(): void {
    if (this.#drawn) process.stdout.write('\u001b[?25h\u001b[?1049l');
    this.#drawn = false;
  }

  #tell(event: DemoEvent): void {
    if (this.#told.has(event.id)) return;
    this.#told.add(event.id);
    const oldest = this.#told.values().next();
    if (this.#told.size > rememberedEvents && !oldest.done) this.#told.delete(oldest.value);
    // Of a failback both sides tell; the home's word is enough.
    if (event.kind === 'handover' && event.cause === 'returned') return;
    this.#happenedAt(event.time.slice(11, 23), `${event.server}: ${event.message}${took(event)}`);
  }

  #happenedAt(time: string, line: string): void {
    if (!this.#atTerminal) process.stdout.write(`${time} ${line}\n`);
    this.#news.push(`${time}  ${line}`);
    if (this.#news.length > keptNews) this.#news.shift();
  }

  #draw(snapshot: Snapshot | undefined): void {
    if (!this.#drawn) return;
    const lines = renderTable({
      snapshot,
      processes: new Map(this.#servers.map((server) => [server.name, this.#fleet.state(server.name)])),
      selected: this.#servers[this.selected]?.name ?? '',
      urls: this.#urls(),
      happened: this.#news,
      columns: process.stdout.columns ?? 120,
      rows: (process.stdout.rows ?? 50) - 1,
    });
    process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  }

  #urls(): string[] {
    return this.#servers.map((server, index) => {
      const camera = `cam${String(index + 1).padStart(2, '0')}`;
      return `http://127.0.0.1:${server.port}/${camera}/index.m3u8   http://127.0.0.1:${server.port}/${camera}/mpegts`;
    });
  }

  #line(text: string): void {
    process.stdout.write(`${this.#time()} ${text}\n`);
  }

  #time(): string {
    return new Date(this.#clock.wall() / 1000).toISOString().slice(11, 23);
  }
}

/** The measured time of what took any: from the moment it was known to be needed to the first frames. */
function took(event: DemoEvent): string {
  const told = ['takeover', 'failback', 'handover'].includes(event.kind);
  return told && typeof event.tookMs === 'number' ? ` (took ${(event.tookMs / 1000).toFixed(2)} s)` : '';
}
