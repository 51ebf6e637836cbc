import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { eventKinds } from '../events/journal/event-kinds.ts';
import { errorCodes } from '../units/app-error.ts';
import { openApiDocument } from './openapi.ts';
import { operations } from './operations.ts';
import { apiSchemas } from './schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };
const written: unknown = JSON.parse(read('docs/reference/openapi.json'));

describe('docs/reference/openapi.json', () => {
  test('is what the code says; if not: npx tsx scripts/generate-openapi.ts && npm run fix', () => {
    expect(written).toEqual(JSON.parse(JSON.stringify(openApiDocument(version))));
  });

  test('names every schema that it refers to, and every error code', () => {
    const text = JSON.stringify(written);
    const { components } = written as { readonly components: { readonly schemas: Record<string, unknown> } };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
    expect(referred.length).toBeGreaterThan(operations.length);
    expect(referred.filter((name) => !(name in components.schemas))).toEqual([]);
    expect(Object.keys(errorCodes).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });
});

test('every answer has a name', () => {
  expect(operations.filter(({ answer }) => apiSchemas.get(answer) === undefined).map(({ id }) => id)).toEqual([]);
});

test('the page of the API tells every operation, field and kind of event', () => {
  const page = read('docs/reference/api.md');
  const fields = (written as { components: { schemas: Record<string, { properties?: object }> } }).components.schemas;
  const missing = [
    ...operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
    ...Object.keys(eventKinds),
    ...['Server', 'Stream', 'Event'].flatMap((name) => Object.keys(fields[name]?.properties ?? {})),
  ].filter((word) => !page.includes(`\`${word}\``));
  expect(missing).toEqual([]);
});
