// What a viewer sees, written down: when the picture stood still, which frames were shown, what the player complained of.
// Both players run with their default settings, as users have them; with `log` they say on the console what they do.

/** Longer than a late frame, shorter than what a viewer calls a stall. */
const stillMs = 250;
const sampleMs = 50;

const query = new URLSearchParams(location.search);
const video = document.getElementById('video');
const report = { started: false, stalls: [], seeks: [], frames: [], errors: [], fatal: false };
window.report = report;

if (query.get('player') === 'hlsjs') startHlsJs(query.get('url'));
else startVideoJs(query.get('url'));
watchStalls();
watchSeeks();
watchFrames();

function startHlsJs(url) {
  const hls = new window.Hls(query.has('log') ? { debug: true } : {});
  hls.on(window.Hls.Events.ERROR, (_, data) => {
    complain(`${data.type} ${data.details}${data.fatal ? ' fatal' : ''}`, data.fatal);
  });
  hls.on(window.Hls.Events.MANIFEST_PARSED, () => void play());
  hls.loadSource(url);
  hls.attachMedia(video);
}

function startVideoJs(url) {
  if (query.has('log')) window.videojs.log.level('debug');
  video.className = 'video-js';
  const player = window.videojs(video, { autoplay: 'muted', controls: false });
  player.on('error', () => {
    complain(`${player.error()?.code} ${player.error()?.message}`, true);
  });
  player.src({ src: url, type: 'application/vnd.apple.mpegurl' });
}

function complain(what, fatal) {
  report.errors.push({ at: Date.now(), what });
  if (fatal) report.fatal = true;
}

async function play() {
  try {
    await video.play();
  } catch (error) {
    complain(`play: ${error}`, false);
  }
}

function watchStalls() {
  let position = -1;
  let movedAt = performance.now();
  let stall;
  setInterval(() => {
    const now = performance.now();
    const current = document.querySelector('video').currentTime;
    if (current !== position) {
      if (position > 0) report.started = true;
      position = current;
      movedAt = now;
      stall = undefined;
      return;
    }
    if (!report.started || now - movedAt < stillMs) return;
    if (stall === undefined) {
      stall = { at: Date.now(), position, ms: 0 };
      report.stalls.push(stall);
    }
    stall.ms = now - movedAt;
  }, sampleMs);
}

/** Nobody but the player seeks here: it has left something out, or lost its place. */
function watchSeeks() {
  const note = ({ target }) => {
    if (report.started) report.seeks.push({ at: Date.now(), to: target.currentTime });
  };
  document.addEventListener('seeking', note, { capture: true });
}

/** The clip's frames carry their number as black and white blocks along the top: see src/demo/cameras/frame-code.ts. */
function watchFrames() {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const shown = (_, metadata) => {
    const element = document.querySelector('video');
    context.drawImage(element, 0, 0, 640, 360);
    report.frames.push({ at: Date.now(), mediaTime: metadata.mediaTime, number: frameNumber(context) });
    element.requestVideoFrameCallback(shown);
  };
  document.querySelector('video').requestVideoFrameCallback(shown);
}

function frameNumber(context) {
  const bits = [];
  for (let block = 0; block < 16; block++)
    bits.push(context.getImageData(block * 40 + 20, 20, 1, 1).data[0] > 128 ? 1 : 0);
  const number = bits.slice(2, 14).reduce((sum, bit) => sum * 2 + bit, 0);
  const ones = bits.slice(2, 14).reduce((sum, bit) => sum + bit, 0);
  const valid = bits[0] === 1 && bits[1] === 0 && bits[14] * 2 + bits[15] === ones % 4;
  return valid ? number : null;
}
