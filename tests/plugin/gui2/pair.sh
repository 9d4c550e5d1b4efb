#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Two weight sets of one network are one entry of the chooser, with Detail at 0 for the faithful one: where that was chosen
# by a script or is the default, and after Reset.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
models=$work/own/data/gimp-gan/models values=$profile/gimp-gan/upscale.ini
rm "$models"/*
for name in detail faithful; do
    cp "$GOLDEN/srvgg-relu-x2.pth" "$models/pair-$name.pth"
done
printf '{"good_for": ["drawings", "JPEG"], "licence": "CC-BY-NC-4.0"}' >"$models/pair-detail.json"
mkdir -p "$profile/gimp-gan"
gimp 64 48

# wants NAME DETAIL: presses the button and looks at what was chosen.
wants() {
    shot "$1"
    keys "$dialog" alt+u
    gone "$title" 20 || failed 'the button did not close the dialog'
    for _ in $(seq 50); do
        grep -qE "^detail=$2(\\.0*)?$" "$values" && break
        sleep 0.1
    done
    if ! grep -qx 'model=pair-detail' "$values" || ! grep -qE "^detail=$2(\\.0*)?$" "$values"; then
        failed "$1: the values are $(tr '\n' ' ' <"$values")"
    fi
    sleep 1
}
printf '[values]\nmodel=pair-faithful\ndetail=1\nfactor=1\n' >"$values"
open_dialog
wants faithful 0
open_dialog
keys "$dialog" alt+t
xdotool key ctrl+a type 1
xdotool key Tab
wants moved 1
open_dialog
keys "$dialog" alt+r
sleep 0.5
wants reset 0
no_complaints ""
exit 0
