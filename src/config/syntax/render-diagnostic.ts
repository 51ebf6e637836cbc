import type { Diagnostic } from '../model/config.ts';

/** `FILE:LINE:COL: error: …`, the line with the place underlined, and the hint: for a terminal, without a line break at the end. */
export function renderDiagnostic({ severity, file, line, column, message, hint, excerpt }: Diagnostic): string {
  const lines = [`${file}:${line}:${column}: ${severity}: ${message}`];
  if (excerpt !== undefined) {
    // Tabs stay tabs under the line, so that the mark stands where the word does, whatever a tab is wide.
    const indent = excerpt.text.slice(0, excerpt.column - 1).replace(/[^\t]/g, ' ');
    lines.push(`  ${excerpt.text}`, `  ${indent}^${'~'.repeat(Math.max(0, excerpt.length - 1))}`);
  }
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join('\n');
}
