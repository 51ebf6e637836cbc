import { type ConfigFiles, type LoadedConfig, loadConfig } from '../../config/loading/load.ts';
import type { Config } from '../../config/model/config.ts';
import { renderDiagnostic } from '../../config/syntax/render-diagnostic.ts';
import type { Console } from './console.ts';

/** Reads a configuration; undefined when nothing may start on it, which is told then, with exit code 1. */
export async function loadForCommand(
  file: string,
  files: ConfigFiles,
  console: Console,
): Promise<(LoadedConfig & { readonly config: Config }) | undefined> {
  const { config, diagnostics } = await loadConfig(file, files);
  if (config !== undefined) return { config, diagnostics };
  for (const diagnostic of diagnostics) console.complain(`${renderDiagnostic(diagnostic)}\n`);
  console.exit(1);
  return undefined;
}
