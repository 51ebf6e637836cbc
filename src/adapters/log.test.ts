import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function logged(readable: boolean, level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  return { log: createLog({ level, readable, write: (line) => lines.push(line) }), lines };
}

describe('the log', () => {
  it('is JSON lines with the level by its name and the fields of its children', () => {
    const { log, lines } = logged(false);
    log.child({ server: 's01' }).warn('a source failed', { stream: 'cam' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      server: 's01',
      stream: 'cam',
      msg: 'a source failed',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('is readable lines for a person', () => {
    const { log, lines } = logged(true);
    log.error('it broke', { why: 'no such file', stream: 'a/b', n: 3 });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error it broke why="no such file" stream=a\/b n=3\n$/);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = logged(false);
    log.debug('x');
    expect(lines).toEqual([]);
  });
});
