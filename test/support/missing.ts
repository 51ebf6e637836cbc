/**
 * Whether a tool that judges from outside is absent: then the tests that need it are skipped, and this says so. CI installs the tools
 * (.ci/run), so that their absence is a failure there.
 */
export function missing(tool: string, isThere: boolean): boolean {
  if (isThere) return false;
  const { CI } = process.env;
  if (CI !== undefined) throw new Error(`${tool} is not installed: its tests must run in CI`);
  process.stderr.write(`SKIPPED: ${tool} is not installed, the tests that it judges do not run\n`);
  return true;
}
