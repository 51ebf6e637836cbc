import type { Command } from 'commander';
import { z } from 'zod';
import { type DiagnosticJson, diagnosticSchema, reloadSchema } from '../../api/schema.ts';
import { phraseOf } from '../../config/change/change-note.ts';
import { ApiFailure } from '../terminal/api-failure.ts';
import { askServer } from '../terminal/ask-server.ts';
import type { Console } from '../terminal/console.ts';
import { counted } from '../terminal/counted.ts';
import { verbHelp } from '../terminal/server-help.ts';

type ReloadJson = z.infer<typeof reloadSchema>;

const detailSchema = z.object({ diagnostics: z.array(diagnosticSchema) });

/** `headwater reload [URL]`: the server reads its file again; a bad one leaves the running configuration in force. */
export function registerReload(program: Command, console: Console): void {
  program
    .command('reload')
    .description('have a server read its configuration file again')
    .argument('[url]', 'a running server')
    .addHelpText('after', verbHelp)
    .action((url: string | undefined) =>
      askServer(url, console, async (api) => {
        try {
          console.write(reloaded(await api.post('/api/v1/reload', reloadSchema)));
        } catch (error) {
          if (error instanceof ApiFailure) console.complain(lines(diagnosticsOf(error)));
          throw error;
        }
      }),
    );
}

/** The warnings, what changed, and one line to end with. */
export function reloaded({ digest, streams, changes, needsRestart, diagnostics }: ReloadJson): string {
  const changed = changes.map(({ name, ...note }) => phraseOf({ ...note, name: name ?? undefined }));
  const later = needsRestart.map((reason) => `takes effect when the server is started again: ${reason}`);
  const count = changes.length === 0 ? 'nothing changed' : counted(changes.length, 'change');
  const last = `reloaded: ${count}; ${counted(streams, 'stream')}, configuration ${digest}`;
  return `${lines(diagnostics)}${[...changed, ...later, last].join('\n')}\n`;
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
