#!/bin/sh
# Makes the clips that the cameras of the demo and of the tests play: 40 s each, so that the frame counter wraps rarely.
#
#   scripts/make-clip.sh [FOLDER]      (default demo/clip; needs ffmpeg with libx264 and drawtext, and the DejaVu fonts)
#
# 40 s is 1000 video frames (20 GOPs) and exactly 1875 AAC frames, so that a clip loops without a gap in either track.
# Along the top run 16 blocks of 40 pixels that a program can read (src/demo/cameras/frame-code.ts): white, black,
# 12 bits of the frame's number in the clip (highest first), 2 bits that count its ones modulo 4.
set -eu
folder=${1:-demo/clip}
font=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf
mkdir -p "$folder"

block() { # position, condition under which it is white
  printf ",drawbox=x=%d:y=0:w=40:h=40:color=white:t=fill:enable='%s'" $(($1 * 40)) "$2"
}

frame_code() {
  ones=0
  printf "drawbox=x=0:y=0:w=640:h=40:color=black:t=fill"
  block 0 1
  bit=0
  while [ $bit -lt 12 ]; do
    block $((13 - bit)) "gt(bitand(n\\,$((1 << bit)))\\,0)"
    ones="$ones+gt(bitand(n\\,$((1 << bit)))\\,0)"
    bit=$((bit + 1))
  done
  block 14 "gte(mod($ones\\,4)\\,2)"
  block 15 "eq(mod($ones\\,2)\\,1)"
}

# name, background, pitch of the tick in Hz, x264 parameters
clip() {
  ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i "color=c=$2:s=640x360:r=25:d=40" \
    -f lavfi -i "aevalsrc='0.3*sin(2*PI*$3*t)*lt(mod(t\\,1)\\,0.06)|0.3*sin(2*PI*$3*t)*lt(mod(t\\,2)\\,0.06)':s=48000:d=40" \
    -filter_complex "[0:v]$(frame_code),drawtext=fontfile=$font:text=$1:x=20:y=60:fontsize=64:fontcolor=white,drawtext=fontfile=$font:text='%{pts\\:hms}':x=20:y=160:fontsize=40:fontcolor=white[v]" \
    -map '[v]' -map 1:a \
    -c:v libx264 -preset veryslow -crf 36 -pix_fmt yuv420p -g 50 -x264-params "scenecut=0:$4" -bsf:v filter_units=remove_types=6 \
    -c:a aac -b:a 32k -ac 2 -frames:a 1875 \
    -muxdelay 0.3 -muxpreload 0 -flags +bitexact -fflags +bitexact -pes_payload_size 700 -pat_period 0.5 -sdt_period 10 \
    -f mpegts "$folder/$1.ts"
}

# lobby reorders over two frames (B-frames as references), gate has no B-frames as most IP cameras, yard one picture in several slices.
clip lobby 0x204060 880 'keyint=50:min-keyint=50:bframes=2:b-pyramid=normal:open-gop=0'
clip gate 0x603020 660 'keyint=50:min-keyint=50:bframes=0:ref=1:open-gop=0'
clip yard 0x205030 440 'keyint=50:min-keyint=50:bframes=2:b-pyramid=none:slices=3:open-gop=0'
ls -l "$folder"
