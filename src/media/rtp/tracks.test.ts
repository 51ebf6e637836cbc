import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { type ClipFrame, readClip } from '../../demo/cameras/clip.ts';
import { instant, unixMicros } from '../../units/time.ts';
import type { StreamOutput } from '../mpegts/elementary-stream.ts';
import type { Track } from '../track.ts';
import { packetizeAac } from './aac-packetizer.ts';
import { AacTrack, audioTrackOf } from './aac-track.ts';
import { packetizeH264 } from './h264-packetizer.ts';
import { H264Track } from './h264-track.ts';
import { rtpHeaderBytes, writeRtpHeader } from './packet.ts';
import { RtpReceiver } from './receiver.ts';
import { buildSenderReport } from './rtcp.ts';
import { TrackClock } from './track-clock.ts';

function outputTo(sink: CollectingSink): StreamOutput {
  return {
    track: (track: Track) => sink.tracks([track], []),
    frame: (dts, pts, keyframe, units) => sink.frame({ track: 0, dts, pts, keyframe, units }),
    damage: (damage) => sink.damage(damage),
  };
}

/** Packets as they would arrive, each with the frame that it is part of. */
function packets(frames: readonly ClipFrame[], most: number): { readonly frame: number; readonly bytes: Uint8Array }[] {
  let sequence = 65_500;
  return frames.flatMap(({ units, pts }, frame) => {
    const payloads = packetizeH264(units, most);
    return payloads.map((payload, i) => {
      const bytes = new Uint8Array(rtpHeaderBytes + payload.length);
      sequence = (sequence + 1) & 0xffff;
      const marker = i === payloads.length - 1;
      writeRtpHeader(bytes, 0, { marker, payloadType: 96, sequence, timestamp: pts % 2 ** 32, ssrc: 1 });
      bytes.set(payload, rtpHeaderBytes);
      return { frame, bytes };
    });
  });
}

const clips = new Map(
  ['lobby', 'gate', 'yard'].map((name) => [
    name,
    readClip(new Uint8Array(readFileSync(`demo/clip/${name}.ts`)))
      .frames.filter(({ kind }) => kind === 'video')
      .slice(0, 200),
  ]),
);

function received(sent: readonly { readonly bytes: Uint8Array }[]): CollectingSink {
  const sink = new CollectingSink();
  const track = new H264Track(new TrackClock(90_000, { at: undefined }), [], outputTo(sink));
  const receiver = new RtpReceiver(track, 96, (damage) => sink.damage(damage));
  for (const { bytes } of sent) receiver.rtp(bytes, 0, bytes.length, instant(0));
  return sink;
}

describe.each([...clips])('%s', (_, frames) => {
  const all = packets(frames, 400);

  test('comes back with the decode times that RTP does not carry', () => {
    const sink = received(all);
    const zero = frames[0]?.pts ?? 0;
    expect(sink.frames).toHaveLength(frames.length);
    for (const [i, frame] of sink.frames.entries()) {
      const sent = frames[i];
      expect([frame.pts + zero, frame.dts + zero, frame.keyframe]).toEqual([sent?.pts, sent?.dts, sent?.keyframe]);
      expect(frame.units.map((unit) => [...unit])).toEqual(sent?.units.map((unit) => [...unit]));
    }
  });

  test('a lost packet costs its picture, and a keyframe its group', () => {
    const keyframe = frames.findIndex((frame, i) => i > 0 && frame.keyframe);
    const next = frames.findIndex((frame, i) => i > keyframe && frame.keyframe);
    const lost = all.findIndex(({ frame }) => frame === keyframe) + 1;
    const sink = received(all.filter((_, i) => i !== lost));
    expect(sink.damages).toEqual([{ kind: 'packet-loss', detail: '1 packets' }]);
    expect(sink.frames).toHaveLength(frames.length - (next - keyframe));
    const other = all.findIndex(({ frame }) => frame === keyframe + 7);
    expect(received(all.filter((_, i) => i !== other)).frames).toHaveLength(frames.length - 1);
  });

  test('any packets may be lost: never a throw, decode times rise', () => {
    for (let step = 2; step < 40; step++) {
      const { frames: got } = received(all.filter((_, i) => i % step !== 1));
      got.forEach((frame, i) => {
        if (i > 0) expect(frame.dts).toBeGreaterThan(got[i - 1]?.dts ?? 0);
      });
    }
  });
});

test('packets of another payload type are told once', () => {
  const [first] = packets(clips.get('gate') ?? [], 1400);
  const stranger = Uint8Array.from(first?.bytes ?? []);
  stranger[1] = 0x80 | 98;
  expect(received([{ bytes: stranger }, { bytes: stranger }]).damages).toHaveLength(1);
});

test('audio that is moved back is not heard twice', () => {
  const session = { at: undefined };
  const video = new TrackClock(90_000, session);
  const clock = new TrackClock(48_000, session);
  const track = audioTrackOf(Uint8Array.from([0x11, 0x90]));
  if (track === undefined) throw new Error('no track');
  const sink = new CollectingSink();
  const audio = new AacTrack(clock, track, { size: 13, index: 3, indexDelta: 3 }, outputTo(sink));
  const receiver = new RtpReceiver(audio, 97, (damage) => sink.damage(damage));
  let sequence = 0;
  const hear = (frames: number): void => {
    for (let i = 0; i < frames; i++) {
      const payload = packetizeAac([Uint8Array.of(1, 2, 3)]);
      const bytes = new Uint8Array(rtpHeaderBytes + payload.length);
      writeRtpHeader(bytes, 0, { marker: true, payloadType: 97, sequence, timestamp: 1024 * sequence++, ssrc: 2 });
      bytes.set(payload, rtpHeaderBytes);
      receiver.rtp(bytes, 0, bytes.length, instant(480));
    }
  };
  clock.follow(video, () => {});
  video.ticks(0, instant(0));
  hear(10);
  // By the reports both began together: what came 480 ms late goes back by as much, 22 frames of which were not heard yet.
  const at = unixMicros(1_700_000_000_000_000);
  video.report({ ssrc: 1, at, timestamp: 0, ntpMiddle: 0 });
  const report = buildSenderReport({ ssrc: 2, at, timestamp: 0, packets: 0, bytes: 0 });
  expect(receiver.rtcp(report, 0, report.length, 9)?.length).toBe(32);
  hear(30);
  const times = sink.frames.map(({ pts }) => pts);
  expect(times.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => 23_040 + 1024 * i));
  expect(times[10]).toBeGreaterThan(times[9] ?? 0);
  expect(times.at(-1)).toBe(39 * 1024);
});
