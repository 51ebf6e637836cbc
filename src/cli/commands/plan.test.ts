import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { FileText } from '../../config/loading/load.ts';
import { registerPlan } from './plan.ts';

const file = `
cluster_key k;
peer s01; peer s02; peer s03;
stream cam01 { url http://x/1; cluster_ingest; }
stream cam02 { url http://x/2; cluster_ingest; }
stream cam03 { url http://x/3; cluster_ingest capture_at=s01; }
stream own { url http://x/4; }
`;

async function plan(
  ...args: string[]
): Promise<{ readonly out: string; readonly complaints: string; readonly code: number }> {
  let [out, complaints, code] = ['', '', -1];
  const program = new Command().exitOverride();
  registerPlan(program, {
    files: {
      readText: (): Promise<FileText> => Promise.resolve({ kind: 'text', text: file }),
      listFolder: () => Promise.resolve([]),
    },
    console: {
      write: (text) => {
        out += text;
      },
      complain: (text) => {
        complaints += text;
      },
      exit: (given) => {
        code = given;
      },
    },
  });
  await program.parseAsync(['plan', 'x.conf', ...args], { from: 'user' });
  return { out, complaints, code };
}

interface Planned {
  readonly servers: readonly { name: string; down: boolean; streamsBefore: number; streamsAfter: number }[];
  readonly streams: readonly { name: string; home: string; capturedBy: string }[];
}

describe('headwater plan', () => {
  it('places every stream, the bound ones where they are bound', async () => {
    const { out, code } = await plan();
    expect(code).toBe(0);
    expect(out).toMatch(/cam03\s+s01 \(capture_at\)/);
    expect(out).not.toContain('AFTER');
  });

  it('tells the pinned from the spread, and what every server captures', async () => {
    const { out } = await plan();
    expect(out).toMatch(/^SERVER +STREAMS +PINNED +SPREAD\n/);
    expect(out).toMatch(/\ns01 +\d +1 +\d\n/);
    expect(out).toContain('1 stream has no cluster_ingest and is captured by every server for itself: own.');
    expect(JSON.parse((await plan('--json')).out)).toMatchObject({ onEveryServer: ['own'] });
  });

  it('moves only the streams of the servers that are down', async () => {
    const { out } = await plan('--json', '--down', 's01');
    const planned = JSON.parse(out) as Planned;
    for (const stream of planned.streams) {
      if (stream.home === 's01') expect(['s02', 's03']).toContain(stream.capturedBy);
      else expect(stream.capturedBy).toBe(stream.home);
    }
    expect(planned.servers[0]).toMatchObject({ name: 's01', down: true, streamsAfter: 0 });
  });

  it('tells of a name that no peer has', async () => {
    const { complaints, code } = await plan('--down', 's04');
    expect(code).toBe(1);
    expect(complaints).toMatch(/no peer has the name s04[\s\S]*hint/);
  });
});
