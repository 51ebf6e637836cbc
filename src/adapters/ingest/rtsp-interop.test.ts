import { execFile } from 'node:child_process';
import { lookup } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { GstRtspServer, gstRtspServerMissing } from '../../../test/support/gst-rtsp-server.ts';
import { restless } from '../../../test/support/restless.ts';
import { type CameraSpec, startCameras } from '../../demo/cameras/farm.ts';
import { millis } from '../../units/time.ts';
import { systemClock } from '../clock.ts';
import { rtspInput } from './rtsp.ts';

if (gstRtspServerMissing) process.stderr.write('skipped: RTSP from GStreamer, for its RTSP server is not installed\n');
if (ffmpegMissing) process.stderr.write('skipped: RTSP and MPEG-TS to ffmpeg, for it is not installed\n');

const credentials = { user: 'admin', password: 'pass' };

describe.skipIf(gstRtspServerMissing).concurrent("reads GStreamer's RTSP server", () => {
  test.each([
    ['lobby', []],
    ['gate', ['admin', 'pass']],
    ['yard', []],
  ])('%s %j', async (clip, user) => {
    await using server = await GstRtspServer.start(`${process.cwd()}/demo/clip/${clip}.ts`, user);
    const sink = new CollectingSink();
    const controller = new AbortController();
    const url = server.url(user.length > 0 ? 'admin:pass@' : '');
    const ended = rtspInput(
      systemClock,
      restless,
      lookup,
    )({
      source: { url, protocol: 'rtsp' },
      sink,
      timeout: millis(10_000),
      signal: controller.signal,
    });
    await Promise.race([ended, sink.until(() => sink.of(0).length > 60 && sink.of(1).length > 60)]);
    controller.abort();
    await ended;
    expect(sink.announced[0]?.tracks.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
    expect(sink.damages).toEqual([]);
    const video = sink.of(0);
    expect(video[0]?.keyframe).toBe(true);
    video.forEach((frame, i) => {
      expect(frame.dts).toBeLessThanOrEqual(frame.pts);
      // Its payloader rounds from nanoseconds.
      if (i > 0) expect(Math.abs(frame.dts - (video[i - 1]?.dts ?? 0) - 3600)).toBeLessThanOrEqual(1);
    });
  });
});

describe.skipIf(ffmpegMissing).concurrent('ffmpeg reads the farm without a word', () => {
  const specs = (['lobby', 'gate', 'yard'] as const).flatMap((name): CameraSpec[] => {
    const spec = { name, clip: `demo/clip/${name}.ts` };
    return [
      { ...spec, protocol: 'mpegts-http' },
      { ...spec, protocol: 'rtsp', behaviour: { credentials } },
    ];
  });
  specs.push({ name: 'grown', clip: 'demo/clip/lobby.ts', protocol: 'rtsp', bitsPerSecond: 4_000_000 });

  test.each(specs)('$name over $protocol', async (spec) => {
    await using farm = await startCameras({
      cameras: [{ ...spec, behaviour: { start: 'burst', ...spec.behaviour } }],
      clock: systemClock,
      controlPort: 0,
    });
    const url = spec.behaviour?.credentials ? farm.url(spec.name).replace('//', '//admin:pass@') : farm.url(spec.name);
    const over = spec.protocol === 'rtsp' ? ['-rtsp_transport', 'tcp'] : ['-analyzeduration', '1000000'];
    const output = await heard(['-v', 'warning', ...over, '-i', url, '-t', '2', '-f', 'null', '-']);
    expect(output).toBe('');
    expect(farm.connections(spec.name)).toMatchObject({ open: 0, total: 1 });
  });
});

function heard(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => execFile('ffmpeg', args, (error, _, stderr) => resolve(error?.message ?? stderr)));
}
