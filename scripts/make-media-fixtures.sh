#!/bin/sh
# Makes the captures in test/fixtures/media with ffmpeg and GStreamer (libx264, libx265). What they make differs between
# versions, so the files are kept in the repository; after running this, look at what the tests pin.
set -eu
cd "$(dirname "$0")/../test/fixtures/media"

picture='testsrc2=s=160x90:r=25'
sound='sine=f=440:r=48000'
quiet='-v error -y -bitexact'
h264='-c:v libx264 -preset veryfast -b:v 40k -maxrate 60k -bufsize 60k -g 25 -pix_fmt yuv420p'
aac='-c:a aac -b:a 24k'

# Open: video with B-frames and audio, the usual shape.
ffmpeg $quiet -f lavfi -i $picture -f lavfi -i $sound -t 2 $h264 -bf 2 $aac b-frames.ts
# One PES packet a frame, PES lengths given, several slices a picture, 44.1 kHz stereo.
ffmpeg $quiet -f lavfi -i $picture -f lavfi -i "$sound,aresample=44100" -t 2 $h264 -bf 0 -x264-params slices=4 \
  $aac -ac 2 -pes_payload_size 0 -omit_video_pes_length 0 slices-44100.ts
# No audio at all; no B-frames.
ffmpeg $quiet -f lavfi -i $picture -t 2 $h264 -bf 0 video-only.ts
ffmpeg $quiet -f lavfi -i $sound -t 2 $aac audio-only.ts
# Keyframes are recovery points with leading pictures behind them.
ffmpeg $quiet -f lavfi -i $picture -t 3 $h264 -bf 2 -x264-params open-gop=1:bframes=2:b-adapt=0 open-gop.ts
# Fields, and samples that are not square: a standard-definition channel.
ffmpeg $quiet -f lavfi -i 'testsrc2=s=180x144:r=25,setsar=16/11' -t 1 $h264 -flags +ildct+ilme -top 1 interlaced.ts
# 33 bits run out after a second.
ffmpeg $quiet -f lavfi -i $picture -f lavfi -i $sound -t 2 $h264 -bf 2 $aac -muxdelay 0 -muxpreload 0 \
  -output_ts_offset 95442.5 timestamps-wrap.ts
# The first program has nothing that can be carried, the second has, beside what can't.
ffmpeg $quiet -f lavfi -i 'testsrc2=s=96x64:r=25' -f lavfi -i $sound -t 1 \
  -map 0:v -map 1:a -map 0:v -map 1:a -map 1:a \
  -c:v:0 libx265 -b:v:0 20k -x265-params log-level=none -c:a:0 ac3 -b:a:0 48k \
  -c:v:1 libx264 -b:v:1 20k -c:a:1 aac -b:a:1 24k -c:a:2 mp2 -b:a:2 32k \
  -program st=0:st=1 -program st=2:st=3:st=4 two-programs.ts
# Another muxer: its own PES lengths, PCR and stuffing.
gst-launch-1.0 -q filesrc location=b-frames.ts ! tsdemux name=in \
  mpegtsmux name=out ! filesink location=gstreamer.ts \
  in. ! queue ! h264parse ! out. in. ! queue ! aacparse ! out.
du -cb ./*.ts
