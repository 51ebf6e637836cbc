import type { SourceFile } from './source-files.ts';

/** Past this a file holds more than one idea. */
const longestFile = 500;
/** Half of the files tell whether the grain is fine. */
const longestMedian = 130;

export function sizeFindings(files: readonly SourceFile[]): string[] {
  const lengths = files.map((file) => file.text.split('\n').length);
  const findings = files
    .filter((_, i) => (lengths[i] ?? 0) > longestFile)
    .map((file) => `${file.path}: over ${longestFile} lines; cut it where two ideas meet`);
  const median = [...lengths].sort((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
  if (median > longestMedian) findings.push(`the median file of src has ${median} lines, over ${longestMedian}`);
  return findings;
}
