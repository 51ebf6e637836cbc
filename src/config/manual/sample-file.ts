import type { Directive, Place } from '../language/directive.ts';
import { directives } from '../language/directives.ts';
import { defaultOf } from './describe.ts';
import { wrap } from './wrap.ts';

const width = 100;

const all: readonly Directive[] = Object.values(directives);

/** `docs/headwater.sample.conf`: a group of three, every directive explained, those with a default commented out. */
export function sampleFile(): string {
  const top = all.filter((line) => !line.later && line.places.includes('file'));
  return `${[preface, ...top.map(entryOf), later()].join('\n\n')}\n`;
}

const preface = `# A sample configuration of Headwater: the same file for every server of the group.
# Lines that begin with "#" and no blank are directives with their defaults or examples: remove the "#" to use them.
# Check with "headwater check FILE"; docs/reference/configuration.md tells more.
# Made from src/config/language/directives.ts by scripts/generate-config-reference.ts.`;

function entryOf(line: Directive): string {
  return [comment(line, ''), bodyOf(line)].join('\n');
}

/** What stands in force in the sample; everything else is an example in a comment. */
function bodyOf(line: Directive): string {
  if (line === directives.clusterKey) return line.example;
  if (line === directives.peer) {
    return [
      `peer s01.myhosting.com {`,
      ...inside('peer', []),
      '}',
      'peer s02.myhosting.com;',
      'peer s03.myhosting.com;',
    ].join('\n');
  }
  if (line === directives.stream) {
    const used = [directives.url, directives.clusterIngest];
    const second = 'stream cam02 { url rtsp://10.0.0.6/main; url rtsp://10.0.0.6/sub; cluster_ingest; }';
    return [`stream cam01 {`, ...inside('stream', used), '}', second].join('\n');
  }
  return `#${line.example}`;
}

function inside(place: Place, used: readonly Directive[]): string[] {
  const lines = all.filter((line) => !line.later && line.places.includes(place));
  return lines.map((line) => [comment(line, '  '), `  ${used.includes(line) ? '' : '#'}${line.example}`].join('\n'));
}

function comment(line: Directive, indent: string): string {
  const text = [line.sentence, ...defaultOf(line).map(([label, value]) => `${label}: ${value}.`)].join(' ');
  return wrap(text.replaceAll('`', ''), width)
    .map((part) => `${indent}# ${part}`)
    .join('\n');
}

function later(): string {
  const names = all.filter((line) => line.later).map((line) => line.name);
  return wrap(`Not done by this version yet: ${names.join(', ')}.`, width)
    .map((part) => `# ${part}`)
    .join('\n');
}
