/**
 * What the cost of capturing is compared with: reads the same sockets in Node and throws the bytes away. `bare-reader.ts plain|onread`,
 * the URLs as lines on its input. `plain` is `socket.on('data')` as Node gives it; `onread` reads into one buffer again and again, the
 * least that Node can do. Prints `playing` when all sources send; their sessions outlive its windows without a sign of life.
 */
import { createInterface } from 'node:readline';
import { openReader } from './reader.ts';

const kind = process.argv[2] === 'onread' ? 'onread' : 'plain';
const urls: string[] = [];
for await (const line of createInterface(process.stdin)) urls.push(line);
await Promise.all(urls.map((url) => openReader(url, kind)));
process.stdout.write('playing\n');
