/** Writes docs/reference/openapi.json from the API's own tables: `npx tsx scripts/generate-openapi.ts && npm run fix`. A test tells when it is due. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '../src/api/openapi.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly version: string };
writeFileSync(`${root}docs/reference/openapi.json`, `${JSON.stringify(openApiDocument(version), null, 2)}\n`);
