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

/** The streams of the group, with links to play and to see their state. */
export function indexPage(streams: readonly StreamName[]): string {
  const rows = streams.map((stream) => {
    const path = escaped(streamPath(stream));
    return `<li><a href="${path}/embed.html">${escaped(stream)}</a> <small><a href="${path}/index.m3u8">HLS</a> <a href="${path}/mpegts">MPEG-TS</a></small></li>`;
  });
  return page(
    'Headwater',
    `<h1>Headwater</h1>
<p><a href="/api/v1/servers">servers</a> · <a href="/api/v1/streams">streams</a> · <a href="/api/v1/events?since=12h">events</a> · <a href="/metrics">metrics</a></p>
<ul>
${rows.join('\n')}
</ul>`,
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
<style>body { font: 1rem system-ui; margin: 2rem } video { width: 100%; max-height: 85vh; background: #000 }</style>
${body}
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
