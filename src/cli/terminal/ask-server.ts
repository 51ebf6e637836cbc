import { ApiClient } from './api-client.ts';
import { ApiFailure } from './api-failure.ts';
import type { Console } from './console.ts';

/** Runs a command against a server's API: what fails is one line and an exit code. */
export async function askServer(
  url: string | undefined,
  console: Console,
  command: (api: ApiClient) => Promise<void>,
): Promise<void> {
  try {
    await command(new ApiClient(url, process.env));
    console.exit(0);
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    console.complain(`headwater: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
    console.exit(error.exitCode);
  }
}
