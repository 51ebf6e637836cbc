import { namePlaceholder } from '../model/fill-name.ts';
import { address, listen } from '../values/address.ts';
import { age, archiveRoot, percent, rate, size } from '../values/archive-values.ts';
import { server, stream, template } from '../values/names.ts';
import { includePath, path, publicUrl } from '../values/paths.ts';
import { choice, count, decimal, duration, text } from '../values/plain-values.ts';
import { sourceUrl } from '../values/source-url.ts';
import { optional } from '../values/value-type.ts';
import { type Directive, directive } from './directive.ts';

const inStreams = ['stream', 'template'] as const;

/** Basic authentication has no way to send a user name with a colon. */
const user = text('USER', (value) => (value.includes(':') ? 'has a colon, which a user name may not' : undefined));

/**
 * The language: one line a directive. Validation, `headwater help`, the reference page and the sample are all made from it.
 * The order is that of the reference.
 */
export const directives = {
  clusterKey: directive({
    name: 'cluster_key',
    places: ['file'],
    args: [text('SECRET')],
    secret: true,
    absent: 'no group: required as soon as there are peers',
    sentence:
      'The secret that the servers of the group share: each exchange between them is signed with it, and it never leaves the server. To change it, copy the new file to all servers first, then reload all of them within `stale_timeout`: servers with different keys do not hear each other, and after that each side captures everything.',
    example: 'cluster_key MYSECRET;',
  }),
  http: directive({
    name: 'http',
    places: ['file'],
    args: [listen],
    absent:
      'the port of the own `peer` line, else 8080; all addresses, but only the loopback address when that line has one (`127.0.0.1`, `localhost`, `[::1]`)',
    sentence:
      'Where every server listens: for viewers, for the API and for its peers. A port alone means all addresses of the machine.',
    example: 'http 8080;',
  }),
  peer: directive({
    name: 'peer',
    places: ['file'],
    args: [server],
    block: 'peer',
    many: true,
    absent: 'a server alone',
    sentence: 'A server of the group; the same list stands in the file of every server, itself included.',
    example: 'peer s01.myhosting.com;',
  }),
  address: directive({
    name: 'address',
    places: ['peer'],
    args: [address],
    absent: 'the name of the peer; the port of `http`, else 8080',
    sentence:
      'Where the other servers reach this one; a name is looked up at every connect, and reached where it was last when that fails or takes long.',
    example: 'address 10.0.0.1:8080;',
  }),
  fetchTimeout: directive({
    name: 'fetch_timeout',
    places: ['peer'],
    args: [duration('100ms', '10m')],
    fallback: '3s',
    sentence: 'How often state is exchanged with this server at the least; changes travel at once.',
    example: 'fetch_timeout 3;',
  }),
  staleTimeout: directive({
    name: 'stale_timeout',
    places: ['peer'],
    args: [duration('300ms', '1h')],
    fallback: '10s',
    sentence:
      "A server that nobody heard for so long is dead, and its streams are captured elsewhere; loss can't be told from long delay.",
    example: 'stale_timeout 10;',
  }),
  publicUrl: directive({
    name: 'public_url',
    places: ['peer'],
    args: [publicUrl],
    absent: '`http://` and the address of the peer',
    sentence: 'Where viewers reach this server, when that is not where its peers do.',
    example: 'public_url https://video1.myhosting.com;',
  }),
  weight: directive({
    name: 'weight',
    places: ['peer'],
    args: [decimal('NUMBER', 0, 100)],
    fallback: '1',
    sentence:
      'Its share of the streams without `capture_at`, relative to the other servers; with 0 it captures them only when no other server is left.',
    example: 'weight 2;',
  }),
  stream: directive({
    name: 'stream',
    places: ['file'],
    args: [stream],
    block: 'stream',
    blockRequired: true,
    many: true,
    sentence: 'A stream; its name is the first part of the addresses at which it is played.',
    example: 'stream cam01 { url rtsp://10.0.0.5/main; cluster_ingest; }',
  }),
  url: directive({
    name: 'url',
    aliases: ['input'],
    places: inStreams,
    args: [sourceUrl],
    options: {
      priority: { type: text('NUMBER'), sentence: 'Orders the sources.', later: true },
      source_timeout: { type: text('DURATION'), sentence: 'The `source_timeout` of this source alone.', later: true },
    },
    many: true,
    absent: 'an error, unless the template of the stream has sources',
    sentence:
      'A source of the stream: RTSP, MPEG-TS over HTTP or a file that is played in a loop. Several are tried in order, and an earlier one is gone back to when it is good again.',
    example: 'url rtsp://10.0.0.5/main;',
  }),
  clusterIngest: directive({
    name: 'cluster_ingest',
    places: inStreams,
    options: {
      capture_at: {
        type: server,
        sentence: 'The home of the stream: the peer that captures it whenever it can.',
      },
      handover: {
        type: choice('seamless', 'break'),
        sentence:
          '`seamless`: when the home returns, both capture for a moment and nothing is lost; `break`: for cameras that allow one connection, the stand-in stops first, which costs viewers about two seconds. A file is always handed over like that: each server plays it from its beginning.',
        fallback: 'seamless',
      },
    },
    absent: 'every server captures the stream for itself',
    sentence:
      "The stream is captured once in the whole group, elsewhere when its home is dead or can't reach the source.",
    example: 'cluster_ingest capture_at=s01.myhosting.com;',
  }),
  sourceTimeout: directive({
    name: 'source_timeout',
    places: inStreams,
    args: [duration('1s', '10m')],
    fallback: '10s',
    sentence: 'A source that sends no frames for so long is given up, and the next one, or another server, tries.',
    example: 'source_timeout 10;',
  }),
  segmentDuration: directive({
    name: 'segment_duration',
    places: inStreams,
    args: [duration('500ms', '30s')],
    fallback: '2s',
    sentence:
      "The length of an HLS segment; a multiple of the distance of the source's keyframes is best. A stream that runs keeps it at a reload, which says so: start the servers again, one by one or all.",
    example: 'segment_duration 2;',
  }),
  dvr: directive({
    name: 'dvr',
    places: inStreams,
    args: [archiveRoot, optional(age), optional(size)],
    options: {
      free: {
        type: percent,
        sentence:
          'So much of the disk stays free: the oldest recordings of all streams in this ROOT go for it. Where streams of one ROOT say different shares, the largest holds.',
        fallback: '5%',
      },
    },
    absent: 'nothing is recorded',
    sentence:
      "Records the stream below ROOT on whichever server captures it, until its recordings are older than AGE or more than SIZE, or the disk has too little space; what comes first. `off` records nothing though the stream's template says so.",
    example: 'dvr /storage 7d 500G;',
  }),
  useTemplate: directive({
    name: 'template',
    places: ['stream'],
    args: [template],
    sentence:
      "Takes all settings of the template that the stream does not make itself; a stream with sources of its own takes none of the template's.",
    example: 'template cameras;',
  }),
  template: directive({
    name: 'template',
    places: ['file'],
    args: [template],
    block: 'template',
    blockRequired: true,
    many: true,
    sentence: 'Settings for streams that name this template; it may stand before or after them.',
    example: 'template cameras { cluster_ingest handover=break; source_timeout 5; }',
  }),
  failbackDelay: directive({
    name: 'failback_delay',
    places: ['file'],
    args: [duration('0s', '1h')],
    fallback: '5s',
    sentence:
      'How long a returned server must be stable before it takes its streams back; grows when it comes and goes.',
    example: 'failback_delay 5;',
  }),
  handovers: directive({
    name: 'handovers',
    places: ['file'],
    args: [count('NUMBER', 1, 1000)],
    fallback: '5',
    sentence:
      'How many streams a returned server takes back at once, so that a narrow uplink carries few of them twice.',
    example: 'handovers 5;',
  }),
  replicationSpeed: directive({
    name: 'replication_speed',
    places: ['file'],
    args: [rate],
    absent: 'as fast as disks and network allow',
    sentence: 'The most at which a server fetches what others recorded for it while it was away.',
    example: 'replication_speed 200M;',
    later: true,
  }),
  partition: directive({
    name: 'partition',
    places: ['file'],
    args: [choice('capture', 'majority')],
    fallback: 'capture',
    sentence:
      "When servers can't reach each other: `capture`: every side captures what it can't see elsewhere, and no video is lost; `majority`: the smaller side captures nothing.",
    example: 'partition capture;',
  }),
  stateDir: directive({
    name: 'state_dir',
    places: ['file'],
    args: [path],
    fallback: `./headwater-state/${namePlaceholder}`,
    sentence: 'The folder for the events that a server remembers and for scratch files; made when missing.',
    example: `state_dir /var/lib/headwater/${namePlaceholder};`,
  }),
  editAuth: directive({
    name: 'edit_auth',
    places: ['file'],
    args: [user, text('PASSWORD')],
    secret: true,
    absent: 'changes are allowed from the server itself only, which a proxy on it defeats',
    sentence:
      'Who may change state over HTTP: drain, undrain, reload. Behind a proxy on the same machine it is a must: one that tells nothing of itself, such as nginx with a bare `proxy_pass`, makes all who reach it look like the server itself. These commands take user and password from `HEADWATER_EDIT_AUTH` (`USER:PASSWORD`) in their environment, or from the URL of the server (`http://USER:PASSWORD@HOST:PORT`).',
    example: 'edit_auth admin "a long password";',
  }),
  include: directive({
    name: 'include',
    places: ['file'],
    args: [includePath],
    many: true,
    sentence:
      'Reads another file, or all files that match a pattern in the order of their names, as if their text stood here.',
    example: 'include streams/*.conf;',
  }),
  transcoder: later('transcoder', inStreams, 'Transcodes the stream.', 'transcoder vb=2000k size=1280x720 ab=128k;'),
  emergency: later(
    'emergency',
    inStreams,
    'Settings for when another server than the home captures.',
    'emergency { transcoder off; }',
  ),
  transcoderLimit: later(
    'transcoder_limit',
    ['file', 'peer'],
    'How many streams a server transcodes.',
    'transcoder_limit 12;',
  ),
  onDemand: later('on_demand', inStreams, 'Captures the stream while it is watched.', 'on_demand 30s;'),
  serve: later('serve', inStreams, 'How viewers at other servers are served.', 'serve relay;'),
  rtsp: later('rtsp', ['file'], 'Where RTSP viewers connect.', 'rtsp 554;'),
} as const;

function later(name: string, places: Directive['places'], sentence: string, example: string): Directive {
  return directive({ name, places, sentence, example, many: true, later: true });
}
