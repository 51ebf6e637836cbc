/** Resolves when the standard input ends; where that is a pipe from the program that started this one: when that is gone, however it ended. */
export function stdinEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('close', resolve).once('error', resolve).resume();
  });
}
