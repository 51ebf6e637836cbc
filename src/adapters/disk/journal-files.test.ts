import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournalFiles } from './journal-files.ts';

test('the folder tells sizes in bytes, and reads a part of a file, short where it ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = await openJournalFiles(folder);
  const name = '2026-11-22.jsonl';
  await files.append(name, Buffer.from('é1\n'));
  await files.append(name, Buffer.from('é2\n'));
  await files.append('notes.txt', Buffer.from('none of its own'));
  expect(await files.list()).toEqual([{ name, bytes: 8 }]);
  expect(Buffer.from(await files.read(name, 4, 100)).toString()).toBe('é2\n');
  expect(await files.read(name, 8, 100)).toHaveLength(0);
  await files.remove(name);
  expect(await files.list()).toEqual([]);
});
