import type { Command } from 'commander';
import { type ConfigFiles, loadConfig } from '../../config/loading/load.ts';
import type { Config, Diagnostic } from '../../config/model/config.ts';
import { renderDiagnostic } from '../../config/syntax/render-diagnostic.ts';
import { counted } from '../terminal/counted.ts';

export interface CheckPorts {
  readonly files: ConfigFiles;
  /** To standard output, as it is. */
  readonly write: (text: string) => void;
  /** The code with which the process ends when the command is done. */
  readonly exit: (code: 0 | 1) => void;
}

/** `headwater check FILE [--json]`: every finding, then one line; exit 0, or 1 when there is an error. */
export function registerCheck(program: Command, ports: CheckPorts): void {
  program
    .command('check')
    .description('read a configuration and tell everything that is wrong with it')
    .argument('<file>', 'the configuration')
    .option('--json', 'print {"diagnostics":[…]} instead of text')
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { config, diagnostics } = await loadConfig(file, ports.files);
      ports.write(options.json ? json(diagnostics) : text(file, config, diagnostics));
      ports.exit(config === undefined ? 1 : 0);
    });
}

function json(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ diagnostics })}\n`;
}

function text(file: string, config: Config | undefined, diagnostics: readonly Diagnostic[]): string {
  const findings = diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`);
  return `${findings.join('')}${summary(file, config, diagnostics)}\n`;
}

function summary(file: string, config: Config | undefined, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = counted(diagnostics.length - errors, 'warning');
  if (config === undefined) return `${file}: ${counted(errors, 'error')}, ${warnings}`;
  const servers = counted(Math.max(1, config.peers.length), 'server');
  return `${file}: fine: ${servers}, ${counted(config.streams.length, 'stream')}, ${warnings}`;
}
