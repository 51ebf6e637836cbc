import type { StreamName } from '../units/ids.ts';
import { streamPath } from './route/target.ts';

/** Where `playerScript` is served. */
export const playerScriptPath = '/assets/player.js';
/** Where hls.js is served, when it is installed. */
export const hlsScriptPath = '/assets/hls.js';

/**
 * Plays the stream of the page's folder. With hls.js every live server is a way to it; a browser that plays HLS itself does without.
 * What hls.js calls fatal is tried again: it passes by itself when the group has the stream again.
 */
export const playerScript = `'use strict';
const video = document.querySelector('video');
const { Hls } = window;
if (Hls !== undefined && Hls.isSupported()) {
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_event, error) => {
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else hls.loadSource(video.dataset.source + '?pathways=1');
  });
  hls.loadSource(video.dataset.source + '?pathways=1');
  hls.attachMedia(video);
} else {
  video.src = video.dataset.source;
}
`;

/** Where `streamsScript` is served. */
export const streamsScriptPath = '/assets/streams.js';

/** Fills the table of `/` with what the server knows of each stream, again and again. Without it the links are all there is. */
export const streamsScript = `'use strict';
const show = async () => {
  const { streams } = await (await fetch('/api/v1/streams')).json();
  const known = new Map(streams.map((stream) => [stream.name, stream]));
  for (const row of document.querySelectorAll('tr[data-stream]')) {
    const stream = known.get(row.dataset.stream);
    const cells = row.querySelectorAll('td[data-field]');
    for (const cell of cells) cell.textContent = stream?.[cell.dataset.field] ?? '-';
    row.className = stream?.state ?? '';
  }
};
const again = () => show().catch(() => undefined).then(() => window.setTimeout(again, 2000));
again();
`;

/** The streams of the group: who has them, with links to play. */
export function indexPage(streams: readonly StreamName[]): string {
  const rows = streams.map((stream) => {
    const path = escaped(streamPath(stream));
    const fields = ['state', 'home', 'capturedBy'].map((field) => `<td data-field="${field}"></td>`).join('');
    const links = `<a href="${path}/index.m3u8">HLS</a> <a href="${path}/mpegts">MPEG-TS</a>`;
    return `<tr data-stream="${escaped(stream)}"><td><a href="${path}/embed.html">${escaped(stream)}</a></td>${fields}<td>${links}</td></tr>`;
  });
  return page(
    'Headwater',
    `<h1>Headwater</h1>
<p><a href="/api/v1/servers">servers</a> · <a href="/api/v1/streams">streams</a> · <a href="/api/v1/events?since=12h">events</a> · <a href="/metrics">metrics</a></p>
<table>
<tr><th>stream</th><th>state</th><th>home</th><th>captured by</th><th>play</th></tr>
${rows.join('\n')}
</table>
<script src="${streamsScriptPath}"></script>`,
  );
}

/** One stream, playing. */
export function playerPage(stream: StreamName): string {
  const source = `${escaped(streamPath(stream))}/index.m3u8`;
  return page(
    stream,
    `<p><a href="/">all streams</a> · ${escaped(stream)}</p>
<video controls autoplay muted playsinline data-source="${source}"></video>
<script src="${hlsScriptPath}"></script>
<script src="${playerScriptPath}"></script>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body { font: 1rem system-ui; margin: 2rem } th, td { text-align: left; padding: .2rem 1.5rem .2rem 0 } tr.error { color: #b00 } video { width: 100%; max-height: 85vh; background: #000 }</style>
${body}
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
