import type { Directive, Place } from '../language/directive.ts';
import { directives } from '../language/directives.ts';
import { factsOf, syntaxOf } from './describe.ts';

const all: readonly Directive[] = Object.values(directives);

const sections: readonly (readonly [title: string, place: Place])[] = [
  ['Outside all blocks', 'file'],
  ['In a `peer` block', 'peer'],
  ['In a `stream` or `template` block', 'stream'],
];

/** `docs/reference/configuration.md`, made from the table of directives. */
export function referencePage(): string {
  const parts = sections.map(([title, place]) => {
    const lines = all.filter((line) => !line.later && line.places.includes(place));
    return [`## ${title}`, ...lines.map(entryOf)].join('\n\n');
  });
  return `${[preface, ...parts, laterPart(), endnote].join('\n\n')}\n`;
}

function entryOf(line: Directive): string {
  const facts = factsOf(line).map(([label, text]) => `- ${label}: ${text}`);
  return [`### \`${syntaxOf(line)}\``, line.sentence, facts.join('\n'), `\`\`\`\n${line.example}\n\`\`\``].join('\n\n');
}

function laterPart(): string {
  const lines = all.filter((line) => line.later).map((line) => `- \`${line.name}\`: ${line.sentence}`);
  const sentence =
    'These names are known and will be done by a later version. Their lines have no effect, and `headwater check` warns of each.';
  return [`## Not done yet`, sentence, lines.join('\n')].join('\n\n');
}

const preface = `# Configuration

<!-- Made from src/config/language/directives.ts by \`npx tsx scripts/generate-config-reference.ts\`: edit there. -->

One text file, the same on every server of the group. \`headwater check FILE\` reads it and tells everything that is wrong with it;
\`headwater help DIRECTIVE\` prints what this page says of a directive. \`docs/headwater.sample.conf\` is a file to begin with.

A directive is its name, its arguments and a semicolon, or its name, its arguments and a block:

\`\`\`
cluster_key MYSECRET;
peer s01.myhosting.com;
peer s02.myhosting.com { fetch_timeout 3; stale_timeout 10; }
stream cam01 {
  url rtsp://10.0.0.5/main;
  cluster_ingest capture_at=s01.myhosting.com;
}
\`\`\`

- Blanks and line breaks separate words. \`#\` at the start of a word begins a comment, which ends with the line.
- A value that holds a blank, \`;\`, \`{\`, \`}\` or \`"\`, or begins with \`#\`, stands in quotes: \`"…"\`; in quotes \`\\"\` is a quote and \`\\\\\` a backslash.
- Time: a bare number is seconds; \`ms s m h d\` are milliseconds, seconds, minutes, hours, days (\`500ms\`, \`1.5s\`, \`7d\`).
  Sizes take \`K M G T\` (powers of 1024 bytes), rates \`k M\` (powers of 1000 bit/s).
- \`\${name}\` in a path of the server's disk stands for the name of the server that reads the file, made safe for files, so that one file serves all.
- A file with an error is never used: a server doesn't start on it, and a reload leaves the running configuration in force. Warnings forbid nothing.`;

const endnote = `## Several sources

The urls of a stream are tried in the order of the file. One that gives no frames for its share of \`source_timeout\` is left for the next: with two urls
and the default of 10 s that is after 5 s, never after less than 2 s. When all of them were tried in vain, the capture is given up after
\`source_timeout\`, and another server tries.

The first is the preferred one. While another is read, those before it are looked at every 30 s, on a connection beside the one that runs; one that
has sent frames for 10 s takes its place at one of its keyframes. Nothing is missing then, or, where the two are more than half a second apart or numbers
of segments already run ahead of time, what comes up to the next keyframe. After each such return, and after each look that met frames but nothing to
begin with, the next waits twice as long, up to 10 minutes, until the preferred one has run for 5 minutes. With \`handover=break\`, for cameras that take
one connection, no url is looked at on a host that another one is read from: there the preferred one is tried again when the one in use breaks off. A
connection that breaks off is followed by the first url, or by the preferred one that is just looked at and gives frames. Each change is the event
\`source-switched\`.

## How a server finds itself

A server is one of the peers: the one that \`--name\` names, else \`HEADWATER_NAME\`, else its host name, else the one whose address is an address of this machine.
Without peers it is a server alone. Several servers on one machine differ by port (\`peer 127.0.0.1:8081;\`) and are told apart by \`--name\`.

## Where it listens

As \`http\` says, else on the port of its own peer line: on all addresses of the machine, or on the loopback address alone when that is what its
peer line has. So a group that is tried out on one machine is not open to the network; \`peer 10.0.0.1:8081;\`, the machine's own address, opens it.

## What a reload does

\`headwater reload\` or SIGHUP reads the file again. What didn't change goes on untouched. A stream
whose list of \`url\` lines changed keeps its connection as long as the url in use is still in the list.
A new stream may give another one another home, one for each server at most: it is handed over to it as at a failback.

Where a server listens, its \`state_dir\` and the \`segment_duration\` of the streams that it has are taken at start. A reload takes over all else that
the file says, and names what waits for a restart as often as it is asked, until the file says again what the server does.`;
