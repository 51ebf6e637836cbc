import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorCodes } from './app-error.ts';

const page = fileURLToPath(new URL('../../docs/reference/errors.md', import.meta.url));

test('the page of errors tells exactly the codes, their status and meaning', () => {
  const rows = [...readFileSync(page, 'utf8').matchAll(/^\| `([\w-]+)` +\| (\d+) +\| (.*?) *\|$/gm)];
  const written = Object.fromEntries(
    rows.map(([, code = '', status, meaning]) => [code, { status: Number(status), meaning }]),
  );
  expect(written).toEqual(errorCodes);
});
