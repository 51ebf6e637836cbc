import { parseConfig } from '../../src/config/loading/load.ts';
import { RunningConfig } from '../../src/config/running/running-config.ts';
import { findSelf } from '../../src/config/running/self.ts';
import { unixMicros } from '../../src/units/time.ts';

/** The configuration of the text in force on the server of that name. */
export function runningConfig(text: string, name: string): RunningConfig {
  const { config, diagnostics } = parseConfig(text, 'test.conf');
  if (config === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const self = findSelf(config, { name, environmentName: undefined, hostname: name, localAddresses: [] });
  if (!self.found) throw new Error(self.message);
  return new RunningConfig({ self: self.peer, config, diagnostics, loadedAt: unixMicros(0), hash: (all) => all });
}
