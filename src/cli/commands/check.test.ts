import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerCheck } from './check.ts';

async function check(
  text: string | undefined,
  ...options: string[]
): Promise<{ output: string; code: number | undefined }> {
  const program = new Command();
  let output = '';
  let code: number | undefined;
  registerCheck(program, {
    files: {
      readText: async () =>
        text === undefined ? { kind: 'unreadable', reason: 'there is no such file' } : { kind: 'text', text },
      listFolder: async () => [],
    },
    write: (more) => {
      output += more;
    },
    exit: (value) => {
      code = value;
    },
  });
  await program.parseAsync(['check', 'a.conf', ...options], { from: 'user' });
  return { output, code };
}

describe('headwater check', () => {
  test('a good file: one line', async () => {
    expect(await check('cluster_key k; peer a; peer b; stream s { url rtsp://h/x; cluster_ingest; }')).toEqual({
      output: 'a.conf: fine: 2 servers, 1 stream, 0 warnings\n',
      code: 0,
    });
  });

  test('warnings are told, and no failure', async () => {
    expect(await check('stream s { url rtsp://h/x; serve relay; }')).toEqual({
      output:
        'a.conf:1:28: warning: this version does not do `serve` yet: the line has no effect\n' +
        '  stream s { url rtsp://h/x; serve …; }\n' +
        '                             ^~~~~\n' +
        'a.conf: fine: 1 server, 1 stream, 1 warning\n',
      code: 0,
    });
  });

  test('all errors, then how many', async () => {
    const { output, code } = await check('htpp 1;\npeer a;');
    expect(code).toBe(1);
    expect(output.split('\n').filter((line) => line.startsWith('a.conf'))).toEqual([
      'a.conf:1:1: error: unknown directive `htpp`',
      'a.conf:2:6: error: there are peers, but no `cluster_key`',
      'a.conf: 2 errors, 0 warnings',
    ]);
  });

  test('a file that is missing', async () => {
    expect(await check(undefined)).toEqual({
      output: "a.conf:1:1: error: the file can't be read: there is no such file\na.conf: 1 error, 0 warnings\n",
      code: 1,
    });
  });

  test('--json: the diagnostics for programs', async () => {
    const { output, code } = await check('http x;', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(output)).toEqual({
      diagnostics: [
        expect.objectContaining({
          severity: 'error',
          file: 'a.conf',
          line: 1,
          column: 6,
          length: 1,
          message: expect.any(String),
        }),
      ],
    });
    expect(await check('', '--json')).toEqual({ output: '{"diagnostics":[]}\n', code: 0 });
  });
});
