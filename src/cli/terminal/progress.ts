/** On a terminal: one line of standard error that takes the place of the one before it. `''` leaves it empty, for what comes. */
export function showProgress(line: string): void {
  // ECMA-48: erase in line.
  process.stderr.write(`\r\u001b[K${line}`);
}
