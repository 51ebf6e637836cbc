import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TestGroup } from './harness.ts';

describe('a start that can not succeed', () => {
  it('ends with 1 when the input is wrong, with 2 when the machine is', async () => {
    await using group = await TestGroup.start({ servers: 1, cameras: ['cam1=http:lobby'] });
    await group.settled();

    const twice = await group.cli('run', group.configFile, '--name', 's1');
    expect(twice).toMatchObject({ code: 2, output: expect.stringContaining('state_dir is in use') });

    const elsewhere = `${group.configFile}.elsewhere`;
    const good = await readFile(group.configFile, 'utf8');
    await writeFile(elsewhere, good.replace(/state_dir ".*"/, `state_dir "${group.configFile}.state"`));
    const taken = await group.cli('run', elsewhere, '--name', 's1');
    expect(taken).toMatchObject({ code: 2, output: expect.stringContaining('another process listens there') });

    await writeFile(elsewhere, good.replace(/state_dir ".*"/, 'state_dir "/proc/nowhere/state"'));
    const nowhere = await group.cli('run', elsewhere, '--name', 's1');
    expect(nowhere).toMatchObject({ code: 2, output: expect.stringContaining('state_dir /proc/nowhere/state') });

    const nobody = await group.cli('run', group.configFile, '--name', 's9');
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('no peer has the name s9') });

    expect((await group.cli('status', 'http://127.0.0.1:1')).code).toBe(2);
    expect((await group.cli('nonsense')).code).toBe(1);

    await appendFile(group.configFile, 'state_dir "/proc/nowhere";\n');
    const wrong = await group.cli('run', group.configFile, '--name', 's1');
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('state_dir') });
  });
});
