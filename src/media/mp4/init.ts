// ISO/IEC 14496-12: the movie header of a fragmented file (8.8), which HLS calls an init segment.
//
//   writeInit(tracks): Uint8Array   `ftyp` and `moov`; equal tracks give equal bytes
//   codecs(tracks): string          for CODECS and MIME types, such as `avc1.64001f,mp4a.40.2`
//
// The parameter sets are in `avcC` and, by the fragment builder, in band at every keyframe: players that don't read a new
// init segment in time (ffmpeg) go on decoding.
import type { Track } from '../track.ts';
import { BoxWriter } from './box-writer.ts';
import { sampleAspectRatio, writeSampleEntry } from './sample-entry.ts';

/** Of the movie header alone: nothing is measured in it. */
const movieTimescale = 1000;
const identityMatrix = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
/** `und`, three letters of five bits. */
const undeterminedLanguage = 0x55c4;

/** The number of a track in the file; 0 is not allowed. */
export function trackId(index: number): number {
  return index + 1;
}

/** RFC 6381, comma separated. */
export function codecs(tracks: readonly Track[]): string {
  return tracks.map(({ codecString }) => codecString).join(',');
}

export function writeInit(tracks: readonly Track[]): Uint8Array {
  const out = new BoxWriter(2048);
  out.box('ftyp', () => out.text('iso6').u32(0).text('iso5').text('iso6').text('mp41'));
  out.box('moov', () => {
    writeMovieHeader(out, tracks.length);
    tracks.forEach((track, index) => {
      writeTrack(out, track, trackId(index));
    });
    out.box('mvex', () => {
      tracks.forEach((_, index) => {
        out.fullBox('trex', 0, 0, () => out.u32(trackId(index)).u32(1).u32(0).u32(0).u32(0));
      });
    });
  });
  return out.finish();
}

function writeMovieHeader(out: BoxWriter, tracks: number): void {
  out.fullBox('mvhd', 0, 0, () => {
    out.u32(0).u32(0).u32(movieTimescale).u32(0);
    out.u32(0x10000).u16(0x100).zeros(10); // rate, volume
    writeMatrix(out);
    out.zeros(24).u32(trackId(tracks));
  });
}

function writeMatrix(out: BoxWriter): void {
  for (const value of identityMatrix) out.u32(value);
}

function writeTrack(out: BoxWriter, track: Track, id: number): void {
  out.box('trak', () => {
    writeTrackHeader(out, track, id);
    out.box('mdia', () => {
      out.fullBox('mdhd', 0, 0, () => out.u32(0).u32(0).u32(track.timescale).u32(0).u16(undeterminedLanguage).u16(0));
      const [handler, name] = track.kind === 'video' ? ['vide', 'Video'] : ['soun', 'Audio'];
      out.fullBox('hdlr', 0, 0, () => out.u32(0).text(handler).zeros(12).text(name).u8(0));
      out.box('minf', () => writeMediaInformation(out, track));
    });
  });
}

/** track_enabled, track_in_movie, track_in_preview. */
const trackFlags = 7;

function writeTrackHeader(out: BoxWriter, track: Track, id: number): void {
  const [width, height] = displaySize(track);
  out.fullBox('tkhd', 0, trackFlags, () => {
    out.u32(0).u32(0).u32(id).u32(0).u32(0);
    out.zeros(8).u16(0).u16(0); // layer, alternate_group
    out.u16(track.kind === 'audio' ? 0x100 : 0).u16(0); // volume
    writeMatrix(out);
    out.u16(width).u16(0).u16(height).u16(0);
  });
}

function displaySize(track: Track): readonly [number, number] {
  if (track.kind === 'audio') return [0, 0];
  const [width, height] = sampleAspectRatio(track);
  return [Math.min(0xffff, Math.round((track.width * width) / height)), track.height];
}

/** The media is in this file: url's flag 1. */
const selfContained = 1;

function writeMediaInformation(out: BoxWriter, track: Track): void {
  if (track.kind === 'video') out.fullBox('vmhd', 0, 1, () => out.zeros(8));
  else out.fullBox('smhd', 0, 0, () => out.zeros(4));
  out.box('dinf', () => {
    out.fullBox('dref', 0, 0, () => out.u32(1).fullBox('url ', 0, selfContained, () => {}));
  });
  out.box('stbl', () => {
    out.fullBox('stsd', 0, 0, () => {
      out.u32(1);
      writeSampleEntry(out, track);
    });
    for (const empty of ['stts', 'stsc', 'stco']) out.fullBox(empty, 0, 0, () => out.u32(0));
    out.fullBox('stsz', 0, 0, () => out.u32(0).u32(0));
  });
}
