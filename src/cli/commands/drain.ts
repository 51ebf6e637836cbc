import type { Command } from 'commander';
import { drainSchema, undrainSchema } from '../../api/schema.ts';
import { ApiFailure } from '../terminal/api-failure.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';
import { counted } from '../terminal/counted.ts';
import { verbHelp } from '../terminal/server-help.ts';

/** A server that waits for takers answers every 25 s, and offers anew after 30 s what was not taken: two idle answers span that. */
const idleAnswers = 2;

/** `headwater drain [URL]`: the server gives its streams away and takes none, without losing a frame of the seamless ones. */
export function registerDrain(program: Command, console: Console): void {
  program
    .command('drain')
    .description('have a server give its streams to the others and take none, until undrain')
    .argument('[url]', 'a running server')
    .addHelpText('after', verbHelp)
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        const ask = async (): Promise<number> => (await api.post('/api/v1/drain', drainSchema)).streamsLeft;
        const left = await drained(ask, console.write);
        if (left > 0) {
          throw new ApiFailure(
            2,
            `${counted(left, 'stream')} still captured there, and nobody takes what is left; it goes on offering`,
          );
        }
        console.write('drained: it captures nothing of the group\n');
      }),
    );
}

/** Asks until nothing is left or nothing moves any more; returns how many streams are left. The server answers each time after a while. */
export async function drained(ask: () => Promise<number>, write: (text: string) => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let idle = 0; idle < idleAnswers; ) {
    const left = await ask();
    if (left === 0) return 0;
    idle = left < least ? 0 : idle + 1;
    if (left < least) write(`draining: ${counted(left, 'stream')} left\n`);
    least = Math.min(least, left);
  }
  return least;
}

/** `headwater undrain [URL]` */
export function registerUndrain(program: Command, console: Console): void {
  program
    .command('undrain')
    .description('have a drained server take its streams again')
    .argument('[url]', 'a running server')
    .addHelpText('after', verbHelp)
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        await api.post('/api/v1/undrain', undrainSchema);
        console.write('it takes its streams back\n');
      }),
    );
}
