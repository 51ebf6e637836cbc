/** Writes the documents that are made from the table of directives; a test fails while they differ. */
import { writeFile } from 'node:fs/promises';
import { referencePage } from '../src/config/manual/reference-page.ts';
import { sampleFile } from '../src/config/manual/sample-file.ts';

const docs = new URL('../docs/', import.meta.url);
await writeFile(new URL('reference/configuration.md', docs), referencePage());
await writeFile(new URL('headwater.sample.conf', docs), sampleFile());
