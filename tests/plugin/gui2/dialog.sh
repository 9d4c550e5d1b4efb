#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# GIMP 2.10 on a screen of its own: the dialog opens by a key bound to the menu item, its preview fills, Cancel leaves
# the image alone, OK enlarges it in one step that can be undone and redone, Repeat does it again.
# PLUGIN, GOLDEN, PICTURE (the program that draws the test picture) and SHOTS (the folder for screenshots) are set.
set -uo pipefail
: "${PLUGIN:?}" "${GOLDEN:?}" "${PICTURE:?}" "${SHOTS:?}"
for program in gimp-2.10 Xvfb xdotool import identify; do
    command -v "$program" >/dev/null || {
        echo "$program is not installed"
        exit 77
    }
done
work=$(mktemp -d)
mkdir -p "$SHOTS"
rm -f "$SHOTS"/*.png
gimp_id='' screen_id=''
# shellcheck disable=SC2317 # called by trap
clean() {
    [[ -z $gimp_id ]] || kill "$gimp_id" 2>/dev/null
    [[ -z $screen_id ]] || kill "$screen_id" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap clean EXIT

# GIMP takes a folder that exists for a whole profile and misses what is not in it.
profile=$work/profile
mkdir -p "$profile"/{gradients,plug-ins/gimp-gan} "$work"/own/data/gimp-gan/models
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
cp "$GOLDEN/srvgg-relu-x2.pth" "$work/own/data/gimp-gan/models/tiny-x2.pth"
system=$(pkg-config --variable=gimplibdir gimp-2.0)/plug-ins
for name in script-fu file-png; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '(plug-in-path "%s")\n(single-window-mode yes)\n' "$profile/plug-ins:$profile/system" >"$profile/gimprc"
printf '(gtk_accel_path "<Actions>/plug-in/plug-in-gan-upscale" "<Primary><Shift><Alt>g")\n' >"$profile/menurc"
export GIMP2_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export XDG_DATA_HOME=$work/own/data XDG_CONFIG_HOME=$work/own/config
export XDG_CACHE_HOME=${TEST_CACHE:-$work/own/cache}
unset WAYLAND_DISPLAY GEGL_PATH GTK_MODULES
"$PICTURE" 160 120 "$work/picture.png" || exit 1

mkfifo "$work/screen"
Xvfb -displayfd 9 -screen 0 1280x1000x24 -nolisten tcp 9>"$work/screen" >"$work/xvfb.log" 2>&1 &
screen_id=$!
read -r number <"$work/screen"
export DISPLAY=:$number
gimp-2.10 -d -f -s -n "$work/picture.png" >"$work/gimp.log" 2>&1 &
gimp_id=$!

shot() { import -window root "$SHOTS/$1.png"; }
failed() {
    echo "FAILED: $1"
    shot failed
    tail -n 20 "$work/gimp.log"
    exit 1
}
# seen NAME SECONDS: waits for a window whose title fits, and prints its number.
seen() {
    local window end=$((SECONDS + $2))
    while ((SECONDS <= end)); do
        window=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1)
        if [[ -n $window ]]; then
            echo "$window"
            return 0
        fi
        kill -0 "$gimp_id" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}
gone() {
    local end=$((SECONDS + $2))
    while ((SECONDS <= end)); do
        [[ -n $(xdotool search --onlyvisible --name "$1" 2>/dev/null) ]] || return 0
        sleep 0.05
    done
    return 1
}
# There is no window manager, so that nobody else gives a window the keys.
keys() {
    xdotool windowfocus --sync "$1"
    sleep 0.2
    shift
    xdotool key "$@"
}
title='^Upscale$'

main=$(seen 'picture.*160x120' 90) || failed 'GIMP did not open the picture'
sleep 1.5 # its menus are built after its window is there
shot 1-image
xdotool windowfocus --sync "$main"
began=$(date +%s%N)
xdotool key ctrl+shift+alt+g
dialog=$(seen "$title" 60) || failed 'the dialog did not open'
echo "dialog after $((($(date +%s%N) - began) / 1000000)) ms"
# The preview's picture has many more colours than the dialog.
colours=0
for _ in $(seq 100); do
    colours=$(import -window "$dialog" png:- | identify -format '%k' - 2>/dev/null)
    ((${colours:-0} > 2000)) && break
    sleep 0.2
done
sleep 2 # for the estimate
shot 2-dialog
((${colours:-0} > 2000)) || failed "the preview did not fill: $colours colours"

keys "$dialog" Escape
gone "$title" 10 || failed 'Escape did not close the dialog'
sleep 1
seen 'picture.*160x120' 5 >/dev/null || failed 'Cancel changed the image'
[[ ! -e $profile/gimp-gan/upscale.ini ]] || failed 'Cancel kept values'

keys "$main" ctrl+shift+alt+g
dialog=$(seen "$title" 60) || failed 'the dialog did not open again'
sleep 1
keys "$dialog" Return
gone "$title" 20 || failed 'Return did not close the dialog'
seen 'picture.*320x240' 60 >/dev/null || failed 'OK did not enlarge the image'
sleep 0.7
shot 3-result
[[ -s $profile/gimp-gan/upscale.ini ]] || failed 'OK kept no values'

keys "$main" ctrl+z
seen 'picture.*160x120' 20 >/dev/null || failed 'one Undo did not bring the image back'
sleep 0.5
shot 4-undone
keys "$main" ctrl+y
seen 'picture.*320x240' 20 >/dev/null || failed 'one Redo did not enlarge the image again'
sleep 0.5
shot 5-redone
keys "$main" ctrl+f
seen 'picture.*640x480' 60 >/dev/null || failed 'Repeat did not enlarge the image again'
sleep 0.5
shot 6-repeated
if grep -E 'crashed|CRITICAL' "$work/gimp.log"; then
    failed 'GIMP complained'
fi
exit 0
