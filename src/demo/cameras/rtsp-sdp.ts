import { aacHbr } from '../../media/rtp/aac-packetizer.ts';
import type { Clip } from './clip.ts';
import type { RtpReel } from './rtp-reel.ts';

/** What the camera says of itself. Without `parameterSets` they are found in band only. */
export function describeReel(clip: Clip, reel: RtpReel, options: { readonly parameterSets: boolean }): string {
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
  ];
  for (const [index, { kind, payloadType, clockRate }] of reel.tracks.entries()) {
    lines.push(`m=${kind} 0 RTP/AVP ${payloadType}`);
    if (kind === 'video') {
      lines.push(`a=rtpmap:${payloadType} H264/${clockRate}`);
      const sets = options.parameterSets
        ? `;sprop-parameter-sets=${[clip.video.sps, ...clip.video.pps].map(base64).join(',')}`
        : '';
      lines.push(`a=fmtp:${payloadType} packetization-mode=1${sets}`);
    } else if (clip.audio !== undefined) {
      const { size, index: first, indexDelta } = aacHbr;
      const lengths = `sizelength=${size};indexlength=${first};indexdeltalength=${indexDelta}`;
      const config = Buffer.from(clip.audio.config).toString('hex');
      lines.push(`a=rtpmap:${payloadType} MPEG4-GENERIC/${clockRate}/${clip.audio.channels}`);
      lines.push(`a=fmtp:${payloadType} profile-level-id=1;mode=AAC-hbr;${lengths};config=${config}`);
    }
    lines.push(`a=control:trackID=${index}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
