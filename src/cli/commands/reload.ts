import type { Command } from 'commander';
import { z } from 'zod';
import { type DiagnosticJson, diagnosticSchema, reloadSchema } from '../../api/schema.ts';
import { ApiFailure } from '../terminal/api-client.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';

const detailSchema = z.object({ diagnostics: z.array(diagnosticSchema) });

/** `headwater reload [URL]`: the server reads its file again; a bad one leaves the running configuration in force. */
export function registerReload(program: Command, console: Console): void {
  program
    .command('reload')
    .description('have a server read its configuration file again')
    .argument('[url]', 'a running server')
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        try {
          const { digest, diagnostics } = await api.post('/api/v1/reload', reloadSchema);
          console.write(`${lines(diagnostics)}in force: ${digest}\n`);
        } catch (error) {
          if (error instanceof ApiFailure) console.complain(lines(diagnosticsOf(error)));
          throw error;
        }
      }),
    );
}

function diagnosticsOf(failure: ApiFailure): readonly DiagnosticJson[] {
  const detail = detailSchema.safeParse(failure.detail);
  return detail.success ? detail.data.diagnostics : [];
}

function lines(diagnostics: readonly DiagnosticJson[]): string {
  return diagnostics
    .map(({ severity, file, line, column, message, hint }) => {
      const finding = `${file}:${line}:${column}: ${severity}: ${message}\n`;
      return hint === null ? finding : `${finding}hint: ${hint}\n`;
    })
    .join('');
}
