#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Stopped by a signal, nothing half is left; a batch that was killed goes on where it stopped.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
picture 16x12 small.png
picture 700x500 large.png

# Starts the program over a picture that takes the reference long, and waits until it is at work.
start() {
    command_text="$*"
    "$@" >"$log/out" 2>"$log/err" &
    pid=$!
    for _ in $(seq 300); do
        grep -q "large.png: 700 x 500 to" "$log/err" && return
        sleep 0.1
    done
    claim_failed "the work did not begin"
}
ends_with() {
    local status=0
    wait "$pid" || status=$?
    ((status == $1)) || claim_failed "exit status $status, wanted $1"
}

for signal in INT TERM; do
    start "$GIMP_GAN" upscale small.png large.png -o out -m "$model" --device reference
    sleep 0.3
    kill -0 "$pid" 2>/dev/null || claim_failed "it was over before the signal"
    before=$(date +%s%N)
    kill -$signal "$pid"
    ends_with 130
    took_ms=$((($(date +%s%N) - before) / 1000000))
    ((took_ms < 5000)) || claim_failed "stopping took $took_ms ms"
    last_line_is "Interrupted: 1 done, 0 skipped, 0 failed, 1 not done"
    files_are out "small-x4.png"
    rm -r out
done

# Of all pages nothing is left, however many are done.
for _ in 1 2 3 4 5 6 7 8; do
    printf 'P5 700 500 255\n'
    head -c 350000 /dev/zero
done >pages.pgm
"$GIMP_GAN" upscale pages.pgm -o out/pages.tif -m "$model" --device reference --page all >"$log/out" 2>"$log/err" &
pid=$!
for _ in $(seq 300); do
    grep -q "700 x 500 to 2800 x 2000 pixels, 8 pictures" "$log/err" && break
    sleep 0.1
done
sleep 2
kill -INT "$pid"
ends_with 130
[[ -z $(ls -A out) ]] || claim_failed "something is left: $(ls -A out)"
rm -r out

# JSON says so too.
start_json() {
    "$GIMP_GAN" upscale large.png -o out -m "$model" --device reference --json >"$log/out" 2>"$log/err" &
    pid=$!
    for _ in $(seq 300); do
        grep -q '"event":"start"' "$log/out" && break
        sleep 0.1
    done
    sleep 0.3
    kill -INT "$pid"
    ends_with 130
}
start_json
out_is_json_lines
out_says '"interrupted":true'
is_missing out/large-x4.png

# kill -9 in mid-batch: what is complete stays, nothing half bears a result's name, and the next run goes on.
start "$GIMP_GAN" upscale small.png large.png -o out -m "$model" --device reference
kill -KILL "$pid"
ends_with 137
exists out/small-x4.png
is_missing out/large-x4.png
size_is out/small-x4.png 64x48
run 0 "$GIMP_GAN" upscale small.png large.png -o out -m "$model"
last_line_is "1 done, 1 skipped, 0 failed"
size_is out/large-x4.png 2800x2000
finish
