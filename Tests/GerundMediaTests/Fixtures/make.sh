#!/bin/bash
# Creates the clips in this directory. Requires ffmpeg with libx264 (tested with 5.1); the tests don't.
#   make.sh
set -euo pipefail
cd "$(dirname "$0")"
run() { ffmpeg -nostdin -hide_banner -loglevel error -y -fflags +bitexact "$@"; }
exact=(-flags:v +bitexact -fflags +bitexact -map_metadata -1)
lossless=(-c:v libx264 -qp 0 -preset veryslow "${exact[@]}")
small=(-c:v libx264 -crf 35 -preset veryslow "${exact[@]}")

# Eight patches, four by two, numbered n from 0 at the top left to 7: Y = 50 + 22 n, Cb = 100 + 9 n, Cr = 160 - 10 n.
patches() { # SIZE EXTRA FILE
  local width=${1%x*} height=${1#*x}
  local n="(floor(X/SW*4/$width)+4*floor(Y/SH*2/$height))"
  run -f lavfi -i "nullsrc=size=$1:rate=5,format=yuv420p,geq=lum='50+22*$n':cb='100+9*$n':cr='160-10*$n'" \
    -frames:v 1 "${lossless[@]}" "${@:2}"
}
patches 320x240 -colorspace bt470bg -color_range tv patches-bt601.mkv
patches 320x240 -colorspace bt709 -color_range tv patches-bt709.mkv
patches 320x240 -colorspace bt2020nc -color_range tv patches-bt2020.mkv
patches 320x240 -colorspace bt470bg -color_range pc patches-full-range.mkv
patches 320x240 patches-untagged.mkv
patches 1280x720 patches-untagged-720.mkv
patches 160x240 -aspect 4:3 patches-anamorphic.mkv

# Red at the top left, green at the top right, blue at the bottom left, gray at the bottom right.
quarters="nullsrc=size=320x180:rate=5,format=gbrp,geq=r='255*lt(X,160)*lt(Y,90)+128*gte(X,160)*gte(Y,90)':g='255*gte(X,160)*lt(Y,90)+128*gte(X,160)*gte(Y,90)':b='255*lt(X,160)*gte(Y,90)+128*gte(X,160)*gte(Y,90)',format=yuv420p"
run -f lavfi -i "$quarters" -frames:v 1 "${lossless[@]}" upright.mp4
for angle in 90 180 270; do run -i upright.mp4 -c copy -metadata:s:v:0 rotate=$angle "rotated-$angle.mp4"; done
# The orientation that `rotate` can't express: mirrored.
python3 - <<'PY'
import struct
data = bytearray(open("upright.mp4", "rb").read())
at = data.index(b"tkhd") + 4 + 40  # matrix of a version 0 box
assert struct.unpack(">9i", data[at:at + 36])[0] == 0x10000
data[at:at + 4] = struct.pack(">i", -0x10000)
open("mirrored.mp4", "wb").write(data)
PY

# Timestamps. About 4 s of a small test pattern each.
pattern="testsrc2=size=64x48:rate=25:duration=4"
run -f lavfi -i "$pattern" "${small[@]}" -bf 3 -g 50 b-frames.mp4
run -f lavfi -i "$pattern" -vf "select='not(mod(n,7))+not(mod(n,3))'" -vsync vfr "${small[@]}" variable-rate.mkv
run -f lavfi -i "$pattern" -vf "setpts='if(lt(N,50),PTS,PTS+3/TB)'" -vsync vfr "${small[@]}" gap-3s.mp4
run -f lavfi -i "$pattern" "${small[@]}" -f h264 no-time-stamps.h264
# 2^33 / 90000 = 95443.7 s: wraps in the second second.
run -f lavfi -i "$pattern" "${small[@]}" -output_ts_offset 95442 wraps-33-bits.ts
{
  run -f lavfi -i "$pattern" "${small[@]}" -g 25 -output_ts_offset 1000 -f mpegts -
  run -f lavfi -i "$pattern" "${small[@]}" -g 25 -f mpegts -
} >time-jumps-back.ts

# Images.
{
  run -f lavfi -i "color=red:size=64x48:rate=5:duration=1" "${small[@]}" -f mpegts -
  run -f lavfi -i "color=green:size=128x64:rate=5:duration=1" "${small[@]}" -f mpegts -
  run -f lavfi -i "color=blue:size=32x64:rate=5:duration=1" "${small[@]}" -f mpegts -
} >size-changes.ts
run -f lavfi -i "color=red:size=48x48:rate=5" -frames:v 1 -q:v 5 -pix_fmt yuvj420p "${exact[@]}" red.jpg

# Broken.
run -f lavfi -i "sine=duration=1" -c:a aac -b:a 16k audio-only.m4a
head -c $(($(stat -c %s b-frames.mp4) / 2)) b-frames.mp4 >truncated.mp4
printf 'A text.\nOf two lines.\n' >text.txt
ls -l
