import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerHelp } from './help.ts';

async function help(...names: string[]): Promise<{ output: string; complaint: string; code: number | undefined }> {
  const program = new Command('headwater').description('captures streams');
  let output = '';
  let complaint = '';
  let code: number | undefined;
  program.command('run').description('run a server');
  registerHelp(program, {
    write: (more) => {
      output += more;
    },
    complain: (more) => {
      complaint += more;
    },
    exit: (value) => {
      code = value;
    },
  });
  await program.parseAsync(['help', ...names], { from: 'user' });
  return { output, complaint, code };
}

describe('headwater help', () => {
  test('explains a directive', async () => {
    const { output, code } = await help('stale_timeout');
    expect(code).toBe(0);
    expect(output).toMatch(/^stale_timeout DURATION;\n/);
    expect(output).toMatch(/loss can't\s+be told from long delay/);
    expect(output).toMatch(/Default +10s/);
  });

  test.each(['capture_at', 'capture_at=', 'handover', 'handover=break'])('explains the option %s', async (name) => {
    const { output, code } = await help(name);
    expect(code).toBe(0);
    expect(output).toMatch(/^cluster_ingest (capture_at|handover)=/);
    expect(output).toContain('headwater help cluster_ingest');
  });

  test('tells how commands get the password', async () => {
    expect((await help('edit_auth')).output).toMatch(/HEADWATER_EDIT_AUTH/);
  });

  test('explains a command', async () => {
    expect((await help('run')).output).toContain('run a server');
  });

  test('by itself lists commands and directives', async () => {
    const { output, code } = await help();
    expect(code).toBe(0);
    expect(output).toContain('run a server');
    expect(output).toContain('cluster_ingest');
  });

  test('says what was probably meant', async () => {
    expect(await help('clusteringest')).toEqual({
      output: '',
      complaint:
        'headwater: there is no directive, option or command clusteringest\nhint: did you mean cluster_ingest?\n',
      code: 1,
    });
  });
});
