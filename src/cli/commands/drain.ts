import type { Command } from 'commander';
import { drainSchema, undrainSchema } from '../../api/schema.ts';
import { askServer } from '../ask-server.ts';
import type { Console } from '../console.ts';

/** `headwater drain [URL]`: the server gives its streams away and takes none, without losing a frame of the seamless ones. */
export function registerDrain(program: Command, console: Console): void {
  program
    .command('drain')
    .description('have a server give its streams to the others and take none, until undrain')
    .argument('[url]', 'a running server')
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        const { streamsLeft } = await api.post('/api/v1/drain', drainSchema);
        console.write(
          streamsLeft === 0
            ? 'drained: it captures nothing of the group\n'
            : `draining: ${streamsLeft} streams are still captured here, for nobody has taken them yet\n`,
        );
      }),
    );
}

/** `headwater undrain [URL]` */
export function registerUndrain(program: Command, console: Console): void {
  program
    .command('undrain')
    .description('have a drained server take its streams again')
    .argument('[url]', 'a running server')
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        await api.post('/api/v1/undrain', undrainSchema);
        console.write('it takes its streams back\n');
      }),
    );
}
